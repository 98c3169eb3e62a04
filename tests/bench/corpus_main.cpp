// SPDX-License-Identifier: MIT
// bench_corpus DIR [name=number …]: writes a made-up history below DIR/projects and prints what it
// adds up to. Names: sessions requests bytes end_s days seed shuffled_mtimes.
#include <cstdio>
#include <ctime>
#include <exception>

#include "tests/bench/arguments.hpp"
#include "tests/bench/corpus.hpp"

int main(int argc, char** argv) {
  using namespace shmeter::bench;
  if (argc < 2) {
    std::fputs("usage: bench_corpus DIR [sessions=N requests=N bytes=N end_s=N days=N seed=N]\n",
               stderr);
    return 64;
  }
  const Arguments arguments(argc - 2, argv + 2);
  CorpusOptions options;
  options.sessions = arguments.number("sessions", 1500);
  options.requests = arguments.number("requests", 170'000);
  options.bytes = arguments.number("bytes", 1'000'000'000);
  options.end_s = arguments.number("end_s", std::time(nullptr));
  options.days = arguments.number("days", options.days);
  options.seed = static_cast<u64>(arguments.number("seed", 1));
  options.shuffled_mtimes = arguments.number("shuffled_mtimes", 0) != 0;
  try {
    std::puts(describe(write_corpus(argv[1], options)).c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_corpus: %s\n", e.what());
    return 1;
  }
}
