// SPDX-License-Identifier: MIT
// The dashboard's files, links and cookies.
#include <tuple>

#include "collector/serve/dashboard_page.hpp"
#include "tests/serve/routes_fixture.hpp"

namespace shmeter::collector {
namespace {

TEST_F(HttpRoutesTest, TheDashboardIsThereWithoutACookieOverTheUnixSocket) {
  const HttpGot got = get("/");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(got.headers.at("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
            "'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(got.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(got.headers.at("referrer-policy"), "no-referrer");
  EXPECT_EQ(got.headers.at("cache-control"), "private, no-cache");
  EXPECT_TRUE(got.body.starts_with("<!doctype html>"));
  EXPECT_TRUE(got.body.ends_with("</html>\n"));
  for (const auto& [path, type, begins] :
       {std::tuple{"/dashboard.css", "text/css; charset=utf-8", "/* SPDX"},
        {"/dashboard.js", "text/javascript; charset=utf-8", "// SPDX"},
        {"/dashboard/format.js", "text/javascript; charset=utf-8", "// SPDX"},
        {"/chart.js", "text/javascript; charset=utf-8", "/*!\n * Chart.js v3."}}) {
    const HttpGot file = get(path);
    EXPECT_EQ(file.status, 200) << path;
    EXPECT_EQ(file.headers.at("content-type"), type) << path;
    EXPECT_TRUE(file.body.starts_with(begins)) << path;
    const std::string etag = "If-None-Match: " + file.headers.at("etag") + "\r\n";
    EXPECT_EQ(test::get(*client_, path, etag).status, 304) << path;
  }
  EXPECT_EQ(get("/dashboard/nothing.js").status, 404);
  EXPECT_EQ(get("/dashboard/").status, 404);
  EXPECT_EQ(get("/?page=2").status, 400);
}

/// Everything that the page loads by name is there.
TEST_F(HttpRoutesTest, TheDashboardLoadsWhatIsThereAndNothingFromElsewhere) {
  for (const DashboardFile& file : dashboard_files()) {
    if (file.path == "/chart.js") continue;
    std::string_view rest = file.bytes;
    for (const char quote : {'"', '\''}) {
      rest = file.bytes;
      for (auto at = rest.find(quote); at != rest.npos; at = rest.find(quote)) {
        rest.remove_prefix(at + 1);
        std::string_view name = rest.substr(0, rest.find(quote));
        if (!name.ends_with(".js") && !name.ends_with(".css")) continue;
        std::string path(name.starts_with("./") && file.path != "/dashboard.js"
                             ? "/dashboard" + std::string(name.substr(1))
                             : name.substr(name.starts_with('.') ? 1 : 0));
        EXPECT_TRUE(dashboard_file(path)) << file.path << " loads " << name;
      }
    }
    EXPECT_EQ(file.bytes.find("https://"), file.bytes.npos) << file.path;
    EXPECT_EQ(file.bytes.find("innerHTML"), file.bytes.npos) << file.path;
  }
}

TEST_F(HttpRoutesTest, ALinkOpensOnceSetsACookieAndLeavesNoTrace) {
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  gate_.set_port(server_->tcp_port());
  const std::string port = std::to_string(server_->tcp_port());
  const auto ask = [&](const std::string& target, const std::string& headers = {}) {
    Client client(loop_, server_->tcp_port());
    return test::get(client, target, headers);
  };
  const std::string link = "/?once=" + gate_.pages().make_link(intake_.now_ms());

  Client lured(loop_, server_->tcp_port());
  lured.send("GET " + link + " HTTP/1.1\r\nHost: evil.example:" + port + "\r\n\r\n");
  EXPECT_EQ(test::next_answer(lured).status, 403) << "and the link is not used up";

  const HttpGot opened = ask(link);
  EXPECT_EQ(opened.status, 303);
  EXPECT_EQ(opened.headers.at("location"), "/");
  EXPECT_EQ(opened.headers.at("cache-control"), "no-store");
  EXPECT_EQ(opened.body, "");
  const std::string set = opened.headers.at("set-cookie");
  ASSERT_TRUE(set.starts_with("shmeter-" + port + "=")) << set;
  EXPECT_TRUE(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")) << set;
  const std::string cookie = "Cookie: a=b; " + set.substr(0, set.find(';')) + "\r\n";

  EXPECT_EQ(ask("/", cookie).status, 200);
  EXPECT_EQ(ask("/api/quota", cookie).status, 200);
  EXPECT_EQ(ask("/api/quota", cookie + "Sec-Fetch-Site: same-site\r\n").status, 403);
  const std::string event = R"({"session_id":"s","event_type":"message","id":"m1"})";
  Client writer(loop_, server_->tcp_port());
  EXPECT_EQ(test::post(writer, "/api/usage/events", event, cookie).status, 403);
  EXPECT_EQ(intake_.observations, 0);

  for (const std::string& target : {link, std::string("/?once=guess"), std::string("/")}) {
    const HttpGot closed = ask(target);
    EXPECT_EQ(closed.status, 401) << target;
    EXPECT_EQ(closed.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(closed.headers.at("cache-control"), "no-store");
    EXPECT_FALSE(closed.headers.contains("set-cookie"));
    EXPECT_NE(closed.body.find("<code>shmeter dashboard</code>"), std::string::npos);
  }
  for (const char* const path : {"/dashboard.js", "/chart.js", "/dashboard/format.js"})
    EXPECT_EQ(ask(path).status, 401) << path;

  gate_.set_tokens({"rotated", "hand"});
  EXPECT_EQ(ask("/", cookie).status, 401);
  EXPECT_EQ(ask("/api/quota", cookie).status, 401);
  EXPECT_EQ(ask("/", "Authorization: Bearer rotated\r\n").status, 200);
}

}  // namespace
}  // namespace shmeter::collector
