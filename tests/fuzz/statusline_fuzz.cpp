// SPDX-License-Identifier: MIT
// The JSON that Claude Code gives to a status line, several, one a line, through one parser: what
// is said is in range, and does not depend on what was said before.
#include "collector/source/statusline.hpp"
#include "tests/fuzz/observed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter;
  using namespace shmeter::fuzz;
  constexpr shm::i64 kNow_ms = 1'795'300'000'000;
  constexpr shm::i64 kWhole_ppm = 1'000'000;
  std::string_view rest = text_of(data, size);
  collector::StatusLineParser kept;
  while (!rest.empty()) {
    const std::string_view json = take_line(rest);
    const auto seen = kept.parse(json, kNow_ms);
    collector::StatusLineParser fresh;
    const auto again = fresh.parse(json, kNow_ms);
    holds(seen.has_value() == again.has_value(), "a line says the same whatever came before");
    if (!seen) continue;
    check(collector::Observation(*seen));
    holds(seen->session == again->session, "a line says the same whatever came before");
    holds(is_json(json), "nothing is believed of what is no JSON", json);
    for (const shm::i64 ppm :
         {seen->five_hour.used_ppm, seen->seven_day.used_ppm, seen->session.context_used_ppm})
      holds(ppm <= kWhole_ppm, "a share is at most the whole");
    holds(seen->received_at_ms == kNow_ms, "it has its time");
  }
  return 0;
}
