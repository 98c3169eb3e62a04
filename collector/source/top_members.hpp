// SPDX-License-Identifier: MIT
// Finds a few members of one big JSON object while its bytes pass by, and holds nothing else of it:
// what is private in there is never in one place, and a file of megabytes costs no memory.
// Invariant: whole() only when every string and bracket of the object was closed and nothing
// followed. Values are handed out as they stand; who uses one parses it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

class TopMembers {
 public:
  /// Members by the bytes of their names between the quotes: a name with an escape in it matches
  /// none. A value of more than `most_bytes` is not kept.
  TopMembers(const std::vector<std::string_view>& names, std::size_t most_bytes);

  /// The next bytes, in any cuts.
  void feed(std::string_view bytes);
  bool whole() const { return state_ == State::after; }
  /// JSON text of a member, without space around it; the first of that name counts. Empty: not
  /// there or too long.
  std::string_view value(std::size_t name) const;

 private:
  enum class State { before, key_wanted, in_key, colon_wanted, in_value, after, broken };
  static constexpr std::size_t kMaxDepth = 1024;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Member {
    std::string_view name;
    std::string value;
    bool seen = false;
  };

  void step(char c);
  void step_key(char c);
  void step_value(char c);
  void begin_value();
  void end_value(char c);
  void keep(char c);

  std::vector<Member> members_;
  std::size_t most_bytes_;
  State state_ = State::before;
  std::string key_;
  std::string open_;  // brackets inside the value that are open
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t kept_ = kNone;  // member whose value is being read
};

}  // namespace shmeter::collector
