// SPDX-License-Identifier: MIT
// The reader's verbs and options, once: the parser takes what it must know to run, the help the
// rest, which no line should have to load (sys/reader.ld).
#pragma once

// X(name, alias, target, can watch, intent, help)
#define SHMETER_READER_VERBS(X)                                                                   \
  X("claude", "statusline", claude, false, render, "Claude Code's statusLine; its JSON on stdin") \
  X("tmux", "", tmux, true, render, "#(exec shmeter tmux --watch) in status-right")               \
  X("starship", "", starship, false, render, "a starship custom module")                          \
  X("waybar", "", waybar, true, render, "a waybar custom module, return-type json")               \
  X("polybar", "", polybar, true, render, "a polybar custom/script module")                       \
  X("zsh", "", zsh, true, render, "a line in PROMPT or RPROMPT")                                  \
  X("bash", "", bash, true, render, "a line in PS1, as ${VARIABLE}")                              \
  X("fish", "", fish, true, render, "a line in fish_prompt or fish_right_prompt")                 \
  X("plain", "", plain, true, render, "text without colours")                                     \
  X("ansi", "", ansi, true, render, "text with terminal colours")                                 \
  X("json", "", json, false, render, "the whole picture as one line of JSON")                     \
  X("hook", "", plain, false, hook, "Claude Code's hooks; their JSON on stdin, prints nothing")

// X(option, name, what it takes, help)
#define SHMETER_READER_OPTIONS(X)                                                                \
  X(format, "--format", "TEMPLATE", "or compact, full, rich, default; also as a plain argument") \
  X(session, "--session", "ID", "this session")                                                  \
  X(pane, "--pane", "ID", "the session in this pane of tmux: '#{pane_id}'")                      \
  X(cwd, "--cwd", "DIR", "the newest live session in or below DIR")                              \
  X(account, "--account", "NAME", "this account's quota, by name or id")                         \
  X(width, "--width", "N", "columns the line may take, 1 to 4096")                               \
  X(color, "--color", "WHEN", "auto, always or never")                                           \
  X(watch, "--watch", "", "stay, and print a line whenever it changes")                          \
  X(fallback, "--fallback", "TEXT", "printed when nothing is known, else an empty line")         \
  X(region, "--region", "PATH", "this region file")                                              \
  X(runtime_dir, "--runtime-dir", "DIR", "where the collector publishes")                        \
  X(autostart, "--autostart", "", "claude: start the collector if none runs")                    \
  X(then, "--then", "COMMAND", "claude: show what it prints for the same stdin, too")            \
  X(last, "--last", "", "claude: behind that, not before it")                                    \
  X(verbose, "--verbose", "", "say on stderr why there is nothing to show")
