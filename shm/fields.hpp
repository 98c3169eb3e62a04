// SPDX-License-Identifier: MIT
// The field table of the region: every published field once, with its type, unit and meaning. The
// structs (shm/picture.hpp, shm/layout.hpp), the schema text inside the region and the table in
// shm/README.md are all made from it. Fields are appended, never moved, renamed or reused: raise
// kLayoutMinor when you append.
//
// X(type, name, unit, help). Numbers are whole and scaled: money in nano-dollars, shares in parts
// per million (42.5 % = 425000), times in epoch seconds unless the name says otherwise. kUnknown =
// not known.
//
// By the hour: one digit for each of the last 24 hours of UTC, the running one last. 0 is nothing,
// 7 the most there was in an hour of them, 1-6 a share of that. Empty = not known.
#pragma once

#define SHMETER_USAGE_FIELDS(X)                                                                \
  X(i64, requests, "count", "API responses, each counted once")                                \
  X(i64, input_tokens, "tokens", "uncached input")                                             \
  X(i64, output_tokens, "tokens", "output, thinking included")                                 \
  X(i64, cache_write_5m_tokens, "tokens", "cache writes kept 5 min, and those of unsaid life") \
  X(i64, cache_write_1h_tokens, "tokens", "cache writes kept 1 h")                             \
  X(i64, cache_read_tokens, "tokens", "cache reads")                                           \
  X(i64, cost_nanousd, "nano-USD", "list price of the priced requests")                        \
  X(i64, unpriced_tokens, "tokens", "tokens of requests whose model has no known price")

#define SHMETER_WINDOW_FIELDS(X)                                                \
  X(i64, used_ppm, "ppm", "share used, 0-1000000; unknown once past its reset") \
  X(i64, resets_at_s, "epoch s", "when the window resets")                      \
  X(i64, observed_at_s, "epoch s", "when the service said so")                  \
  X(i64, source, "enum", "shm::QuotaSource: who passed it on")

#define SHMETER_SCOPED_WINDOW_FIELDS(X)                         \
  X(Text<kScopeBytes>, label, "text", "what the window covers") \
  X(Window, window, "", "the window itself")

#define SHMETER_BLOCK_FIELDS(X)                                                        \
  X(i64, started_at_s, "epoch s", "start, also the block's id")                        \
  X(i64, ends_at_s, "epoch s", "start + 5 h; on the UTC grid, at 24:00 at the latest") \
  X(i64, first_request_at_s, "epoch s", "first request in it")                         \
  X(i64, burn_rate_tokens_per_min, "tokens/min", "all kinds, first to last request")   \
  X(i64, burn_rate_nanousd_per_hour, "nano-USD/h", "the same in money")                \
  X(i64, projected_cost_nanousd, "nano-USD", "cost at the block's end at that rate")   \
  X(Usage, usage, "", "what was used in it")

#define SHMETER_EXTRA_USAGE_FIELDS(X)                                     \
  X(i64, is_enabled, "bool", "extra usage switched on")                   \
  X(i64, monthly_limit_nanousd, "nano-USD", "limit, unknown = unlimited") \
  X(i64, used_nanousd, "nano-USD", "used this month")                     \
  X(i64, used_ppm, "ppm", "share of the limit used")

#define SHMETER_SPEND_LIMIT_FIELDS(X)                       \
  X(i64, used_ppm, "ppm", "share used, may exceed 1000000") \
  X(i64, resets_at_s, "epoch s", "when it resets")          \
  X(i64, used_nanousd, "nano-USD", "spent in the period")   \
  X(i64, limit_nanousd, "nano-USD", "the limit")            \
  X(Text<kTierBytes>, period, "text", "daily, weekly or monthly")

#define SHMETER_SUMMARY_FIELDS(X)                                                      \
  X(u64, sequence, "count", "publication number, the slot is sequence % 4")            \
  X(u64, checksum, "hash", "checksum over the summary with this field 0")              \
  X(i64, published_at_ms, "epoch ms", "when this picture was published")               \
  X(i64, completeness, "enum", "shm::Completeness: complete, today_only, nothing_yet") \
  X(i64, files_read, "count", "transcripts read to their end by the first scan")       \
  X(i64, files_known, "count", "transcripts found by the first scan")                  \
  X(i64, utc_offset_s, "s", "local time - UTC now")                                    \
  X(i64, utc_change_at_s, "epoch s", "when that offset changes next")                  \
  X(i64, utc_offset_after_s, "s", "the offset from then on")                           \
  X(i64, sessions, "count", "session records in this picture")                         \
  X(i64, sessions_known, "count", "sessions the collector knows")                      \
  X(i64, accounts, "count", "account records in this picture")                         \
  X(i64, models, "count", "model records in this picture")                             \
  X(i64, formats, "count", "targets with a format of the user's own")                  \
  X(i64, active_sessions, "count", "sessions observed within 10 minutes")              \
  X(i64, waiting_sessions, "count", "sessions waiting for their user")                 \
  X(i64, damaged_lines, "count", "lines that were not what they must be")              \
  X(i64, skipped_lines, "count", "lines over the size limit")                          \
  X(i64, unreadable_files, "count", "files or folders that could not be read")         \
  X(i64, dropped_datagrams, "count", "ingest datagrams refused")                       \
  X(Usage, all, "", "everything counted")                                              \
  X(Usage, today, "", "since local midnight")                                          \
  X(Usage, week, "", "since the local start of the week")                              \
  X(Usage, month, "", "since the local first of the month")                            \
  X(Usage, fleet, "", "all machines together")                                         \
  X(Block, block, "", "the active five-hour block over all accounts")                  \
  X(Text<kHours>, hours_cost, "text", "list price by the hour: a digit each, below")   \
  X(Text<kHours>, hours_tokens, "text", "input + output by the hour, likewise")        \
  X(Text<kAddressBytes>, dashboard, "text", "address of the dashboard, empty = none")

#define SHMETER_ACCOUNT_FIELDS(X)                                                      \
  X(Text<kAccountIdBytes>, id, "text", "stable id, made from the config dir")          \
  X(Text<kNameBytes>, name, "text", "configured name, else made from the config dir")  \
  X(Text<kPathBytes>, config_dir, "path", "Claude Code's config directory")            \
  X(u64, config_dir_hash, "hash", "hash_text of the whole config dir")                 \
  X(Text<kTierBytes>, tier, "text", "plan, empty = unknown")                           \
  X(Window, five_hour, "", "the five-hour limit window")                               \
  X(Window, seven_day, "", "the seven-day limit window")                               \
  X(ScopedWindow, scoped_1, "", "a weekly window of its own, empty label = none")      \
  X(ScopedWindow, scoped_2, "", "")                                                    \
  X(ScopedWindow, scoped_3, "", "")                                                    \
  X(ScopedWindow, scoped_4, "", "")                                                    \
  X(ExtraUsage, extra_usage, "", "paid usage beyond the plan")                         \
  X(SpendLimit, spend_limit, "", "a gateway's spend limit")                            \
  X(i64, weekly_budget_nanousd, "nano-USD", "budget for 168 h")                        \
  X(i64, budget_source, "enum", "shm::BudgetSource")                                   \
  X(i64, weekly_used_nanousd, "nano-USD", "cost of the last 168 h")                    \
  X(i64, weekly_ppm, "ppm", "of the weekly budget")                                    \
  X(i64, block_ppm, "ppm", "of the block budget")                                      \
  X(i64, health_ppm, "ppm", "health score, 1000000 = 100")                             \
  X(Block, block, "", "the account's active five-hour block")                          \
  X(Text<kIdBytes>, last_session_id, "text", "session of the newest request")          \
  X(i64, last_request_at_s, "epoch s", "newest request")                               \
  X(i64, five_hour_projected_ppm, "ppm", "five_hour at its reset, by its own slope")   \
  X(i64, seven_day_projected_ppm, "ppm", "seven_day at its reset; may exceed 1000000") \
  X(i64, block_budget_nanousd, "nano-USD", "budget for one block")                     \
  X(i64, period_started_at_s, "epoch s", "start of the running [usage] period")        \
  X(Usage, period, "", "used in that period")                                          \
  X(i64, input_tokens_limit, "tokens", "limit per period, unknown = none set")         \
  X(i64, output_tokens_limit, "tokens", "limit per period, unknown = none set")        \
  X(i64, weekly_unpriced_tokens, "tokens", "of the last 168 h, without a known price")

#define SHMETER_MODEL_FIELDS(X)                                 \
  X(Text<kModelBytes>, model, "text", "model id as normalised") \
  X(Usage, usage, "", "everything counted under it")

#define SHMETER_SESSION_FIELDS(X)                                                           \
  X(Text<kIdBytes>, session_id, "text", "1-64 bytes of [A-Za-z0-9._:-]")                    \
  X(Text<kNameBytes>, name, "text", "the session's name, empty = none")                     \
  X(i64, account, "index", "index into the accounts of this picture")                       \
  X(Text<kPathBytes>, cwd, "path", "working directory")                                     \
  X(u64, cwd_hash, "hash", "hash_text of the whole cwd, 0 = none")                          \
  X(Text<kModelBytes>, model, "text", "model id, empty = unknown")                          \
  X(Text<kModelBytes>, model_name, "text", "model name as the client shows it")             \
  X(i64, status, "enum", "shm::SessionStatus")                                              \
  X(i64, cost_nanousd, "nano-USD", "the client's own figure")                               \
  X(Usage, usage, "", "what was counted; its cost is counted_cost_usd")                     \
  X(i64, uncounted_cost_nanousd, "nano-USD", "client's figure less ours, where comparable") \
  X(i64, context_used_tokens, "tokens", "tokens in the context window")                     \
  X(i64, context_size_tokens, "tokens", "size of the context window")                       \
  X(i64, context_used_ppm, "ppm", "share of the context window used")                       \
  X(i64, prompt_cache_warm, "bool", "prompt cache warm")                                    \
  X(i64, prompt_cache_expires_at_s, "epoch s", "when it cools")                             \
  X(Text<kTierBytes>, effort, "text", "low ... max, empty = unknown")                       \
  X(i64, fast_mode, "bool", "fast mode on")                                                 \
  X(i64, thinking, "bool", "thinking on")                                                   \
  X(Text<kAgentBytes>, agent, "text", "agent the session runs as, empty = none")            \
  X(Text<kBranchBytes>, git_branch, "text", "branch as reported, empty = none")             \
  X(i64, pr, "number", "pull request")                                                      \
  X(Text<kVersionBytes>, version, "text", "client version")                                 \
  X(i64, lines_added, "lines", "lines added")                                               \
  X(i64, lines_removed, "lines", "lines removed")                                           \
  X(i64, messages, "count", "prompts sent")                                                 \
  X(i64, tool_calls, "count", "tools called")                                               \
  X(i64, compute_ms, "ms", "wall clock of its turns")                                       \
  X(i64, api_ms, "ms", "time spent in API calls")                                           \
  X(i64, started_at_s, "epoch s", "first observation of it")                                \
  X(i64, updated_at_s, "epoch s", "newest observation of it")                               \
  X(i64, rate_limit_remaining, "calls", "API calls left, only when a source said so")       \
  X(i64, rate_limit_limit, "calls", "API calls allowed")                                    \
  X(i64, rate_limit_reset_s, "epoch s", "when they are given anew")                         \
  X(Text<kPaneBytes>, pane, "text", "tmux pane it was last seen in, such as %3")

// The index of a picture's sessions, sorted by the bytes of the id: a prefix, then where the record
// stands.
#define SHMETER_INDEX_FIELDS(X)                                               \
  X(u64, prefix, "bytes", "first 8 bytes of the id, big-endian, zero padded") \
  X(u64, position, "index", "the session's record: 0 = newest")

// A target's own format: where its text stands in the formats section's text.
#define SHMETER_FORMAT_FIELDS(X)                                   \
  X(Text<kTierBytes>, target, "text", "target name, such as tmux") \
  X(u64, offset, "bytes", "start in the text")                     \
  X(u64, length, "bytes", "length")

#define SHMETER_SECTION_FIELDS(X)                               \
  X(u64, offset, "bytes", "from the start of a slot")           \
  X(u32, stride, "bytes", "from one record to the next")        \
  X(u32, record_bytes, "bytes", "of a record that are written") \
  X(u32, capacity, "count", "records that fit")                 \
  X(u32, reserved, "", "0")

// Written once, before the file is visible.
#define SHMETER_HEADER_FIELDS(X)                                                   \
  X(u64, magic, "bytes", "SHMETER1; stored last")                                  \
  X(u32, endian, "", "0x01020304 in the writer's byte order")                      \
  X(u32, header_bytes, "bytes", "size of this header")                             \
  X(u32, layout_major, "", "other major = other file name")                        \
  X(u32, layout_minor, "", "raised when fields are appended")                      \
  X(u32, layout_compat_minor, "", "oldest reader minor that still understands it") \
  X(u32, slots, "count", "pictures in the ring")                                   \
  X(u64, layout_hash, "hash", "hash_text of the schema text")                      \
  X(u64, file_bytes, "bytes", "size of the whole file")                            \
  X(u64, schema_offset, "bytes", "schema text, from the start of the file")        \
  X(u64, schema_bytes, "bytes", "length of the schema text")                       \
  X(u64, slots_offset, "bytes", "slot 0, from the start of the file")              \
  X(u64, slot_stride, "bytes", "from one slot to the next")                        \
  X(Section, summary, "", "one summary")                                           \
  X(Section, accounts, "", "accounts")                                             \
  X(Section, models, "", "models")                                                 \
  X(Section, sessions, "", "sessions, newest first")                               \
  X(Section, index, "", "sessions by id")                                          \
  X(Section, formats, "", "formats by target")                                     \
  X(Section, text, "", "the text of the formats")

// Words the writer keeps changing. Each is an atomic of its own (shm/layout.hpp).
#define SHMETER_LIVE_FIELDS(X)                                                      \
  X(u64, begin, "count", "number of the picture that is being or was last written") \
  X(u64, head, "count", "number of the newest whole picture")                       \
  X(u32, notify, "count", "changes with every publication: a futex word")           \
  X(u32, state, "enum", "shm::WriterState")                                         \
  X(u64, heartbeat_ns, "ns", "CLOCK_MONOTONIC, every 5 s while the writer runs")    \
  X(u64, adoptions, "count", "writers that took this file over")                    \
  X(u64, writer_pid, "pid", "for people; nobody decides by it")                     \
  X(u64, writer_started_at_s, "epoch s", "when the writer started")
