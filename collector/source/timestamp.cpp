// SPDX-License-Identifier: MIT
#include "collector/source/timestamp.hpp"

#include <chrono>

namespace shmeter::collector {
namespace {

using shm::i64;
using shm::kUnknown;

// Takes texts off the front; after the first mismatch every answer is a failure.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

  void expect(char c) {
    if (next() != c) ok_ = false;
    if (ok_) rest_.remove_prefix(1);
  }
  bool accept(char c) {
    if (!ok_ || next() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool digit() const { return next() >= '0' && next() <= '9'; }
  int take_digit() {
    if (!ok_ || !digit()) {
      ok_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }
  int digits(int count, int most) {
    int value = 0;
    for (int i = 0; i < count; ++i) value = value * 10 + take_digit();
    if (value > most) ok_ = false;
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

int fraction_ms(Scanner& in) {
  if (!in.accept('.')) return 0;
  int ms = in.take_digit() * 100;
  for (int scale = 10; in.ok() && in.digit(); scale /= 10) ms += in.take_digit() * scale;
  return ms;
}

int zone_minutes(Scanner& in) {
  if (in.accept('Z')) return 0;
  const bool west = in.accept('-');
  if (!west) in.expect('+');
  const int hours = in.digits(2, 23);
  in.accept(':');
  const int minutes = hours * 60 + in.digits(2, 59);
  return west ? -minutes : minutes;
}

// kUnknown: no such day.
i64 epoch_ms(int year, int month, int day, int minutes_of_day, int second, int ms) {
  namespace chrono = std::chrono;
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return kUnknown;
  const i64 days = chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24 * 60 + minutes_of_day) * 60 + second) * 1000 + ms;
}

// "2026-11-21T21:06:54.065Z": every line has one, so it is worth a shortcut. False: another form.
bool usual_form(std::string_view text, i64& out) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  if (text.size() != kForm.size()) return false;
  unsigned wrong = 0;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const auto distance = static_cast<unsigned char>(text[i] - kForm[i]);
    wrong |= static_cast<unsigned>(distance > (kForm[i] == '0' ? 9 : 0));
  }
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  if (wrong != 0 || two(11) > 23 || two(14) > 59 || two(17) > 59 || two(0) < 20) return false;
  out = epoch_ms(two(0) * 100 + two(2), two(5), two(8), two(11) * 60 + two(14), two(17),
                 two(20) * 10 + (text[22] - '0'));
  return true;
}

}  // namespace

i64 parse_timestamp_ms(std::string_view text) {
  i64 usual = kUnknown;
  if (usual_form(text, usual)) return usual;
  Scanner in(text);
  const int year = in.digits(4, 9999);
  in.expect('-');
  const int month = in.digits(2, 12);
  in.expect('-');
  const int day = in.digits(2, 31);
  in.expect('T');
  const int hour = in.digits(2, 23);
  in.expect(':');
  const int minute = in.digits(2, 59);
  in.expect(':');
  const int second = in.digits(2, 59);
  const int ms = fraction_ms(in);
  const int zone = zone_minutes(in);
  if (!in.ok() || !in.at_end() || year < 1970) return kUnknown;
  return epoch_ms(year, month, day, hour * 60 + minute - zone, second, ms);
}

}  // namespace shmeter::collector
