// SPDX-License-Identifier: MIT
// What one line is made of: the parts of a picture that were chosen for it, and the moment it is
// read. The core of formats/ sees nothing else: no clock, no environment, no file.
#pragma once

#include "shm/picture.hpp"

namespace shmeter::formats {

using shm::i64;

/// How much the picture can be trusted. `json` names them; every other target shows stale and
/// wedged with the picture's age, dimmed.
enum class Freshness { live, partial, stale, wedged, absent };

/// Null pointers mean that the picture has no such part; every field of it is then unknown.
struct Values {
  const shm::Summary* summary = nullptr;
  const shm::Account* account = nullptr;  // the one this line speaks of
  const shm::Session* session = nullptr;
  i64 now_s = 0;  // the wall clock, epoch seconds
  Freshness freshness = Freshness::absent;
  i64 age_s = shm::kUnknown;  // of the picture; shown when stale or wedged
  // `session` was read from its client just now, whatever the age of the picture: then only what is
  // of the picture is dimmed, and its age stands only beside that.
  bool session_fresh = false;
};

enum class Target { plain, ansi, claude, tmux, starship, waybar, polybar, zsh, bash, fish, json };

enum class Colour { none, ansi16, ansi256, truecolor };

}  // namespace shmeter::formats
