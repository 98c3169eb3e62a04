// SPDX-License-Identifier: MIT
#include "collector/setup/otel_setup.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

const OtelSetup kSetup{"http://127.0.0.1:7483", "/home/ann/it's/otel-headers"};

TEST(OtelSetup, SettingsSayWhereToSendAndNoSecret) {
  const auto made = settings_with_otel("", kSetup);
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, R"({
  "env": {
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "OTEL_METRICS_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:7483"
  },
  "otelHeadersHelper": "/home/ann/it's/otel-headers"
}
)");
  EXPECT_EQ(settings_with_otel(*made, kSetup).value(), *made) << "once is enough";
  EXPECT_EQ(settings_without_otel(*made, "", kSetup).value(), "{}\n");
  const OtelSetup moved{"http://127.0.0.1:9000", kSetup.helper};
  const auto there = settings_with_otel(*made, moved);
  EXPECT_EQ(sends_elsewhere(exporter_variables(*there).value(), moved, "x"), "");
  EXPECT_EQ(there->find("7483"), there->npos);
}

TEST(OtelSetup, WhatTheUserHadAndChangedStays) {
  const std::string before =
      R"({"model":"opus","env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"1","A":"b"}})";
  const auto made = settings_with_otel(before, kSetup);
  ASSERT_TRUE(made);
  EXPECT_EQ(settings_without_otel(*made, before, kSetup).value(), before);
  std::string later = *made;
  later.replace(later.find("opus"), 4, "sonnet");
  EXPECT_EQ(settings_without_otel(later, before, kSetup).value(),
            R"({"model":"sonnet","env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"1","A":"b"}})");
  later.replace(later.find("\"otlp\""), 6, "\"none\"");
  const std::string left = settings_without_otel(later, before, kSetup).value();
  EXPECT_NE(left.find("\"none\""), left.npos) << "the user's own value by now";
}

TEST(OtelSetup, TelemetryThatGoesElsewhereGoesOnGoingThere) {
  const auto why = [](std::string_view settings) {
    const auto found = exporter_variables(settings);
    return found ? sends_elsewhere(*found, kSetup, "it") : "error " + found.error().message;
  };
  EXPECT_EQ(why(""), "");
  EXPECT_EQ(why("{}"), "");
  EXPECT_EQ(why(R"({"env":{"OTEL_RESOURCE_ATTRIBUTES":"a=b","PATH":"x"}})"), "");
  EXPECT_EQ(why(R"({"env":{"OTEL_LOGS_EXPORTER":"otlp"}})").find("OTEL_LOGS_EXPORTER=otlp in it "),
            0u)
      << "to the endpoint that is the default";
  EXPECT_EQ(
      why(R"({"env":{"OTEL_METRICS_EXPORTER":"otlp","OTEL_EXPORTER_OTLP_ENDPOINT":"http://corp"}})")
          .find("OTEL_EXPORTER_OTLP_ENDPOINT=http://corp in it "),
      0u);
  const std::string secret = why(R"({"env":{"OTEL_EXPORTER_OTLP_HEADERS":"Authorization=x"}})");
  EXPECT_EQ(secret.find("OTEL_EXPORTER_OTLP_HEADERS in it "), 0u) << secret;
  EXPECT_EQ(
      why(R"({"env":{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT":17}})").find("OTEL_EXPORTER_OTLP_M"),
      0u);
  EXPECT_EQ(why(R"({"env":[]})"), "error env: not an object");
  EXPECT_EQ(why("{"), "error 1:2: a text in quotes is expected");
  const auto other = settings_with_otel(R"({"otelHeadersHelper":"/corp/headers"})", kSetup);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::exists);
}

TEST(OtelSetup, TheConfigurationListensByMarkedLines) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "[http]  # by `shmeter setup otel`\nlisten = \"a:1\"  # by `shmeter setup otel`\n"},
      {"x = 1\n",
       "x = 1\n[http]  # by `shmeter setup otel`\nlisten = \"a:1\"  # by `shmeter setup otel`\n"},
      {"[http] # mine\nhost = \"h\"\n[store]\n",
       "[http] # mine\nlisten = \"a:1\"  # by `shmeter setup otel`\nhost = \"h\"\n[store]\n"},
      {"# [http]\n[httpx]\n",
       "# [http]\n[httpx]\n[http]  # by `shmeter setup otel`\n"
       "listen = \"a:1\"  # by `shmeter setup otel`\n"},
  };
  for (const auto& [before, after] : rows) {
    EXPECT_EQ(config_with_listen(before, "a:1"), after);
    EXPECT_EQ(config_without_listen(after), before);
  }
  EXPECT_EQ(config_without_listen(std::string(rows[0].second) + "host = \"h\"\n"),
            "[http]\nhost = \"h\"\n")
      << "the user has put more into our section";
}

}  // namespace
}  // namespace shmeter::collector
