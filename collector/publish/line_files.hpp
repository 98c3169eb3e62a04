// SPDX-License-Identifier: MIT
// Lines as files, `line/TARGET` in the runtime directory, for prompts that start no process at all.
// A file that is there was asked for. Invariant: whoever reads one reads a whole line, made by the
// rules of the reader from one publication; nothing is written that would stay the same, and what
// is no file of ours is never touched.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/loop/handles.hpp"
#include "formats/render.hpp"

namespace shmeter::collector {

inline constexpr const char* kLineFolder = "line";

class LineFiles {
 public:
  struct Wish {
    std::vector<std::string> targets;                   // kept whether anybody asked or not
    formats::Colour colour = formats::Colour::ansi256;  // where the target itself has no exact one
  };
  /// One line for people.
  using Say = std::function<void(const std::string&)>;

  /// `runtime_dir` is ours alone. The folder is made; an error is said.
  LineFiles(Loop& loop, std::string runtime_dir, Wish wish, Say say);

  void configure(Wish wish);
  /// The picture may have changed. Lines follow soon, but at most once a second.
  void changed();
  /// Looks who asked, and for what time alone has changed. Call it at each heartbeat.
  void look();
  /// Nobody keeps them any more: they are emptied, so that no prompt shows what is old.
  void stop();

 private:
  struct Line {
    bool wished = false;
    bool known = false;  // `text` is what the file holds
    std::string text;
  };
  void list();
  void render_all();
  std::string render(std::string_view target) const;
  bool write(const std::string& target, const std::string& text);
  void say_once(const std::string& trouble);

  std::string runtime_dir_;
  std::string folder_;
  formats::Colour colour_;
  Say say_;
  std::map<std::string, Line> lines_;  // by target
  std::string said_;
  std::uint64_t rendered_ns_ = 0;  // the last time
  Timer soon_;
};

}  // namespace shmeter::collector
