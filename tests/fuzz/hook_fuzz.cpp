// SPDX-License-Identifier: MIT
// What a hook is given: one observation, or an error and none.
#include "collector/source/hook_json.hpp"
#include "tests/fuzz/observed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter;
  using namespace shmeter::fuzz;
  Checked seen;
  const auto done = collector::parse_hook(text_of(data, size), 1'795'300'000'000, seen.take());
  holds(seen.lines().size() == (done ? 1u : 0u), "one observation, or an error");
  if (!done) holds(is_one_line(done.error().message), "an error is one line", done.error().message);
  return 0;
}
