// SPDX-License-Identifier: MIT
// FIELD OPERATOR NUMBER, and the other keys of an alert. Numbers are taken as people read the
// field: percent, dollars, seconds.
#include "collector/config/alert.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "collector/config/keys.hpp"
#include "collector/config/near_name.hpp"
#include "collector/config/node.hpp"
#include "formats/field_table.hpp"
#include "formats/fields.hpp"

namespace shmeter::collector {
namespace {

using formats::decimals_of;
using formats::Kind;
using formats::Scope;

constexpr std::size_t kMaxWhen = 200;
constexpr i64 kMaxHysteresis = 1'000'000'000;
// With the greatest hysteresis added, in the unit with most decimals, it still fits.
constexpr i64 kMaxLine = i64{8'000'000'000'000'000'000};

#define SHMETER_NAME(name, kind, get, place, path, help) std::string_view{name},
constexpr std::array kFieldNames = {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME)};

i64 power_of_ten(int exponent) {
  i64 out = 1;
  for (; exponent > 0; --exponent) out *= 10;
  return out;
}

/// The text of `when` from left to right; a mistake in it is told where it stands in the file.
class When {
 public:
  When(const toml::node& node, std::string_view file)
      : node_(node), file_(file), text_(text_of(node, kMaxWhen)) {}

  void read(AlertConfig& alert) {
    alert.when = text_;
    const formats::Field& field = read_field(alert);
    read_operator(alert);
    alert.line = read_number(decimals_of(formats::kind_of(field)));
    if (next_word(); !word_.empty()) wrong("nothing may follow the number");
  }

 private:
  /// Characters from 1: what is left of it is plain ASCII, or else a mistake at that place.
  [[noreturn]] void wrong(const std::string& what) const {
    refuse(place_in_file(file_, place(node_), {1, at_ + 1}), what);
  }

  void next_word() {
    at_ = std::min(text_.find_first_not_of(' ', end_), text_.size());
    const auto is_operator = [](char c) { return c == '<' || c == '>' || c == '='; };
    end_ = at_;
    while (end_ < text_.size() && text_[end_] != ' ' &&
           is_operator(text_[end_]) == is_operator(text_[at_]))
      ++end_;
    word_ = std::string_view(text_).substr(at_, end_ - at_);
  }

  /// As templates name it. `five_hour` is short for `five_hour.used`, `health` for
  /// `account.health`, and what is in dollars may say so as the other outputs do.
  const formats::Field& read_field(AlertConfig& alert) {
    next_word();
    std::string name(word_);
    if (name.ends_with("_usd")) name.resize(name.size() - 4);
    for (const std::string& one : {std::string(word_), name, name + ".used", "account." + name}) {
      const formats::Field* field = formats::find_field(one);
      if (field == nullptr) continue;
      const Kind kind = formats::kind_of(*field);
      if (kind == Kind::text || kind == Kind::series || kind == Kind::moment)
        wrong(in_quotes(word_) + " is no number that grows or falls; use another field");
      alert.field = one;
      return *field;
    }
    const auto near = near_name(word_, kFieldNames);
    wrong("unknown field " + in_quotes(word_) +
          (near.empty() ? "; use one that templates have, such as five_hour or today.cost"
                        : "; did you mean " + in_quotes(near) + "?"));
  }

  void read_operator(AlertConfig& alert) {
    static constexpr std::string_view kOperators[] = {">=", ">", "<=", "<"};
    next_word();
    const auto* const found = std::find(std::begin(kOperators), std::end(kOperators), word_);
    if (found == std::end(kOperators)) wrong("expected >=, >, <= or < here");
    alert.is = static_cast<AlertConfig::Operator>(found - std::begin(kOperators));
  }

  i64 read_number(int decimals) {
    next_word();
    std::string_view digits = word_;
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const auto point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    std::string_view part =
        point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
    const auto not_digits = [](std::string_view text) {
      return text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos;
    };
    if (not_digits(whole) || (point != std::string_view::npos && not_digits(part)))
      wrong("expected a number here, such as 80 or 12.5");
    if (part.size() > static_cast<std::size_t>(decimals))
      wrong("more decimals than the field has; round it to " + std::to_string(decimals));
    std::string scaled(whole);
    scaled.append(part).append(static_cast<std::size_t>(decimals) - part.size(), '0');
    i64 number = 0;
    for (const char c : scaled)
      if (__builtin_mul_overflow(number, 10, &number) ||
          __builtin_add_overflow(number, c - '0', &number))
        wrong("too large a number");
    if (number > kMaxLine) wrong("too large a number");
    return negative ? -number : number;
  }

  const toml::node& node_;
  std::string_view file_;
  std::string text_;
  std::string_view word_;
  std::size_t at_ = 0;   // where it begins
  std::size_t end_ = 0;  // and ends
};

/// A number in the field's unit, at most as exact as the field.
i64 hysteresis(const toml::node& node, Kind kind) {
  const int decimals = decimals_of(kind);
  const i64 units = four_decimals(node, kMaxHysteresis, "how far it must go back");
  if (decimals >= 4) return units * power_of_ten(decimals - 4);
  if (units % power_of_ten(4) != 0) refuse(place(node), "must be a whole number for this field");
  return units / power_of_ten(4);
}

/// Minutes of the day; `HH:MM`.
bool read_clock(std::string_view text, i64& minutes) {
  if (text.size() != 5 || text[2] != ':') return false;
  for (const std::size_t i : {0u, 1u, 3u, 4u})
    if (text[i] < '0' || text[i] > '9') return false;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  minutes = i64{hour} * 60 + minute;
  return hour < 24 && minute < 60;
}

AlertConfig::Quiet quiet(const toml::node& node) {
  const std::string text = text_of(node);
  const std::string_view words = text;
  AlertConfig::Quiet out;
  if (text.size() != 11 || text[5] != '-' || !read_clock(words.substr(0, 5), out.begin_min) ||
      !read_clock(words.substr(6), out.end_min))
    refuse(place(node), "must be two times of the day such as \"22:00-07:00\"");
  if (out.begin_min == out.end_min) refuse(place(node), "ends where it begins; change one");
  return out;
}

/// An address as it stands in the file, or where in it the mistake is. What libcurl would forgive
/// is not forgiven here: a request goes to the host that a reader of the line sees, or nowhere.
std::string web_address(const toml::node& node, std::string_view file) {
  constexpr std::size_t kMostAddress = 2048;
  const std::string url = text_of(node, kMostAddress);
  const auto wrong = [&](std::size_t at, const std::string& what) {
    refuse(place_in_file(file, place(node), {1, at + 1}), what);
  };
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) wrong(0, "must begin with https:// or http://");
  for (std::size_t i = 0; i < url.size(); ++i)
    if (url[i] <= ' ' || url[i] >= 0x7f || url[i] == '"' || url[i] == '\\' || url[i] == '<' ||
        url[i] == '>')
      wrong(i, "no character of a web address; escape it as %XX");
  if (const auto hash = url.find('#'); hash != url.npos)
    wrong(hash, "what stands behind # is never sent; remove it");
  const std::string host = url.substr(scheme, url.find_first_of("/?", scheme) - scheme);
  if (const auto at = host.find('@'); at != host.npos)
    wrong(scheme, "no name or password in the address; sign with \"webhook_secret_file\"");
  const auto end = host.starts_with('[') ? host.find(']') : host.find(':');
  const auto colon = host.starts_with('[') && end != host.npos ? end + 1 : end;
  if (host.empty() || colon == 0 || (host.starts_with('[') && end == host.npos))
    wrong(scheme, "a host is expected here");
  if (colon == host.npos || colon == host.size()) return url;
  const std::string port = host.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (host[colon] != ':' || !digits || std::stoi(port) < 1 || std::stoi(port) > 65'535)
    wrong(scheme + colon, "expected a port from 1 to 65535 behind a colon");
  return url;
}

WebhookConfig webhook(const Table& table, std::string_view file, std::string_view home) {
  constexpr std::size_t kMostSecret = 256;
  constexpr std::size_t kMostPath = 4096;
  WebhookConfig out;
  const auto* url = table.find("webhook");
  const auto* secret = table.find("webhook_secret");
  const auto* secret_file = table.find("webhook_secret_file");
  if (url != nullptr) out.url = web_address(*url, file);
  for (const auto* one : {secret, secret_file})
    if (one != nullptr && url == nullptr) refuse(place(*one), "nothing to sign; add \"webhook\"");
  if (secret != nullptr && secret_file != nullptr)
    refuse(place(*secret), "there is a \"webhook_secret_file\", too; remove one");
  if (secret != nullptr) out.secret = text_of(*secret, kMostSecret);
  if (secret_file == nullptr) return out;
  out.secret_file = text_of(*secret_file, kMostPath);
  if (out.secret_file.starts_with("~/")) out.secret_file.replace(0, 1, home);
  if (!out.secret_file.starts_with('/'))
    refuse(place(*secret_file), "must be an absolute path, or begin with ~/");
  return out;
}

std::string account_name(const toml::node& node, const Config& config, Scope scope) {
  if (scope == Scope::summary || scope == Scope::picture)
    refuse(place(node), "the field is of no one account; remove this");
  std::vector<std::string_view> names;
  for (const AccountConfig& one : config.accounts) names.push_back(one.name);
  if (names.empty()) refuse(place(node), "there is no [[account]]; add one, or remove this");
  return std::string(names[choice(node, "account", names)]);
}

AlertConfig alert(const toml::node& node, std::string_view file, std::string_view home,
                  const Config& config) {
  const Table table(node, "[[alert]]", config_keys("alert"));
  AlertConfig out;
  out.name = text_of(table.need("name"), shm::kNameBytes);
  When(table.need("when"), file).read(out);
  const formats::Field& field = *formats::find_field(out.field);
  if (const auto* named = table.find("account"))
    out.account = account_name(*named, config, formats::scope_of(field));
  if (const auto* back = table.find("hysteresis"))
    out.hysteresis = hysteresis(*back, formats::kind_of(field));
  if (const auto* hours = table.find("quiet")) out.quiet = quiet(*hours);
  if (const auto* argv = table.find("command")) out.command = command(*argv, home);
  if (const auto* desktop = table.find("notify")) out.notify = flag(*desktop);
  if (const auto* bar = table.find("tmux")) out.tmux = flag(*bar);
  out.webhook = webhook(table, file, home);
  if (out.command.empty() && !out.notify && !out.tmux && out.webhook.url.empty())
    refuse(place(node), "tells nobody; add \"command\", \"webhook\", notify = true or tmux = true");
  return out;
}

}  // namespace

void read_alerts(const toml::node* node, std::string_view file, std::string_view home,
                 Config& config) {
  std::set<std::string> names;
  each(node, "[[alert]]", [&](const toml::node& entry) {
    AlertConfig one = alert(entry, file, home, config);
    if (config.alerts.size() == kMaxAlerts)
      refuse(place(entry), "more than " + std::to_string(kMaxAlerts) + " alerts; remove one");
    if (!names.insert(one.name).second)
      refuse(place(entry), "a second alert named " + in_quotes(one.name) + "; rename one");
    config.alerts.push_back(std::move(one));
  });
}

}  // namespace shmeter::collector
