// SPDX-License-Identifier: MIT
#include "collector/loop/loop.hpp"

#include <cstdio>
#include <cstdlib>

namespace shmeter::collector {
namespace {

[[noreturn]] void our_bug(const char* what, int code) {
  std::fprintf(stderr, "shmeterd: bug: %s: %s\n", what, uv_strerror(code));
  std::abort();
}

}  // namespace

Loop::Loop() {
  if (const int code = uv_loop_init(&loop_); code < 0) our_bug("uv_loop_init", code);
}

Loop::~Loop() {
  uv_run(&loop_, UV_RUN_DEFAULT);  // every owner has begun to close: this only drains
  if (const int code = uv_loop_close(&loop_); code < 0) our_bug("uv_loop_close", code);
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }
void Loop::turn() { uv_run(&loop_, UV_RUN_NOWAIT); }
void Loop::stop() { uv_stop(&loop_); }

}  // namespace shmeter::collector
