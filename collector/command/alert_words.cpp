// SPDX-License-Identifier: MIT
#include "collector/command/alert_words.hpp"

#include "collector/append_to.hpp"
#include "formats/fields.hpp"
#include "formats/json_writer.hpp"
#include "formats/units.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

using formats::Kind;
using formats::Word;
using shm::known;

std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    const bool bad = !one.valid || formats::is_control(one.code) || formats::breaks_line(one.code);
    if (bad)
      out += '?';
    else if (formats::columns(one.code) != formats::kDropped)
      out += text.substr(0, one.bytes);
    text.remove_prefix(one.bytes);
  }
  return out;
}

Kind kind_of(const Firing& firing) { return alert_kind(*firing.alert); }

/// Exactly; empty when it is not known.
std::string decimal(i64 number, int decimals) {
  if (!known(number)) return {};
  Word word;
  formats::write_decimal(word, number, decimals);
  return std::string(word.view());
}

/// As the user wrote the field.
std::string_view field_text(const Firing& firing) {
  const std::string_view when = firing.alert->when;
  const auto begin = when.find_first_not_of(' ');
  return when.substr(begin, when.find_first_of(" <>", begin) - begin);
}

}  // namespace

Kind alert_kind(const AlertConfig& alert) {
  const formats::Field* field = formats::find_field(alert.field);
  return field == nullptr ? Kind::count : formats::kind_of(*field);
}

std::string alert_value_text(const AlertConfig& alert, i64 value, bool at_least) {
  if (!known(value)) return {};
  Word word;
  switch (alert_kind(alert)) {
    case Kind::money:
      formats::write_money(word, value);
      break;
    case Kind::share:
    case Kind::remainder:
    case Kind::pace:
      formats::write_percent(word, value, 0);
      break;
    case Kind::countdown:
      formats::write_countdown(word, value);
      break;
    case Kind::elapsed:
      formats::write_age(word, value);
      break;
    default:
      formats::write_short(word, value);
  }
  return (at_least ? "at least " : "") + std::string(word.view());
}

std::string alert_text(const Firing& firing, i64 now_s) {
  std::string text = std::string(field_text(firing)) + ' ' +
                     alert_value_text(*firing.alert, firing.value, firing.at_least);
  if (!firing.account.empty()) text += ", " + clean(firing.account);
  if (!firing.session_id.empty())
    text +=
        ", session " + clean(firing.session_name.empty() ? firing.session_id : firing.session_name);
  if (!known(firing.resets_at_s)) return text;
  Word left;
  formats::write_countdown(left, formats::difference(firing.resets_at_s, now_s));
  return text + "; resets in " + std::string(left.view());
}

std::string alert_json(const Firing& firing, i64 now_s, Sample sample) {
  const int decimals = formats::decimals_of(kind_of(firing));
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.text("alert", firing.alert->name);
  out.text("when", firing.alert->when);
  out.text("field", firing.alert->field);
  out.number("value", firing.value, decimals);
  out.flag("at_least", i64{firing.at_least});
  out.number("line", firing.alert->line, decimals);
  out.text_or_null("account", clean(firing.account));
  out.text_or_null("session_id", clean(firing.session_id));
  out.text_or_null("session_name", clean(firing.session_name));
  out.number("resets_at", firing.resets_at_s);
  out.number("at", now_s);
  out.flag("test", i64{sample == Sample::yes});
  out.text("text", alert_text(firing, now_s));
  out.close('}');
  out.newline();
  out.end();
  return line;
}

std::vector<std::string> alert_environment(const Firing& firing, i64 now_s, Sample sample) {
  const int decimals = formats::decimals_of(kind_of(firing));
  std::vector<std::string> all;
  const auto add = [&](const char* name, const std::string& value) {
    all.push_back(std::string("SHMETER_ALERT_") + name + '=' + value);
  };
  add("NAME", firing.alert->name);
  add("WHEN", firing.alert->when);
  add("FIELD", firing.alert->field);
  add("VALUE", decimal(firing.value, decimals));
  add("AT_LEAST", firing.at_least ? "1" : "");
  add("LINE", decimal(firing.alert->line, decimals));
  add("ACCOUNT", clean(firing.account));
  add("SESSION_ID", clean(firing.session_id));
  add("SESSION_NAME", clean(firing.session_name));
  add("RESETS_AT", decimal(firing.resets_at_s, 0));
  add("AT", decimal(now_s, 0));
  add("TEST", sample == Sample::yes ? "1" : "");
  add("TEXT", alert_text(firing, now_s));
  return all;
}

std::string for_tmux(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '#' || c == '%' ? 2 : 1, c);
  return out;
}

std::string for_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

}  // namespace shmeter::collector
