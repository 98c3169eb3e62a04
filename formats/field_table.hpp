// SPDX-License-Identifier: MIT
// Every `{field}` of the template language once. The renderer, the template check and the table in
// formats/README.md are made from it. Names are a published contract: fields are added, never
// renamed.
//
// X(name, kind, get, place, path in the line of `shmeter json`, meaning): kinds, ways to get a
// value and places are those of formats/fields.hpp.
#pragma once

#define SHMETER_USAGE_TEMPLATE_FIELDS(X, scope, PLACE, path, of)                                \
  X(scope ".cost", money, cost, PLACE(), path "cost_usd", "list price of " of)                  \
  X(scope ".tokens", count, tokens, PLACE(), path "input_tokens", "input + output of " of)      \
  X(scope ".tokens_all", count, tokens_all, PLACE(), path "total_tokens", "all four kinds")     \
  X(scope ".input", count, number, PLACE(.input_tokens), path "input_tokens", "uncached input") \
  X(scope ".output", count, number, PLACE(.output_tokens), path "output_tokens",                \
    "output, thinking included")                                                                \
  X(scope ".cache_read", count, number, PLACE(.cache_read_tokens), path "cache_read_tokens",    \
    "cache reads")                                                                              \
  X(scope ".cache_write", count, cache_write, PLACE(), path "cache_creation_tokens",            \
    "cache writes")                                                                             \
  X(scope ".requests", count, number, PLACE(.requests), path "requests",                        \
    "API responses, each counted once")                                                         \
  X(scope ".unpriced", count, number, PLACE(.unpriced_tokens), path "unpriced_tokens",          \
    "tokens of models without a known price")

#define SHMETER_WINDOW_TEMPLATE_FIELDS(X, scope, member, of)                                    \
  X(scope ".used", share, used, SHMETER_ACCOUNT(member), "accounts." scope ".used_percentage",  \
    "share of the " of " limit used")                                                           \
  X(scope ".left", remainder, left, SHMETER_ACCOUNT(member),                                    \
    "accounts." scope ".remaining_percentage", "share of it left")                              \
  X(scope ".resets_in", countdown, resets_in, SHMETER_ACCOUNT(member),                          \
    "accounts." scope ".resets_at", "time until it resets")                                     \
  X(scope ".resets_at", moment, resets_at, SHMETER_ACCOUNT(member),                             \
    "accounts." scope ".resets_at", "when it resets")                                           \
  X(scope ".age", elapsed, observed, SHMETER_ACCOUNT(member), "accounts." scope ".observed_at", \
    "since the service said so")

#define SHMETER_OF_SESSION(member) SHMETER_SESSION(usage member)
#define SHMETER_OF_ALL(member) SHMETER_SUMMARY(all member)
#define SHMETER_OF_TODAY(member) SHMETER_SUMMARY(today member)
#define SHMETER_OF_WEEK(member) SHMETER_SUMMARY(week member)
#define SHMETER_OF_MONTH(member) SHMETER_SUMMARY(month member)
#define SHMETER_OF_BLOCK(member) SHMETER_SUMMARY(block.usage member)

#define SHMETER_TEMPLATE_FIELDS(X)                                                                 \
  X("session.id", text, text, SHMETER_SESSION(session_id), "sessions.session_id", "session id")    \
  X("session.name", text, text, SHMETER_SESSION(name), "sessions.name", "the session's name")      \
  X("session.model", text, model_name, SHMETER_SESSION(model_name), "sessions.model_name",         \
    "model as the client names it, else its id, short")                                            \
  X("session.model_id", text, text, SHMETER_SESSION(model), "sessions.model", "model id")          \
  X("session.status", text, status, SHMETER_SESSION(status), "sessions.status",                    \
    "idle, busy, waiting or ended")                                                                \
  X("session.cost", money, session_cost, SHMETER_SESSION(cost_nanousd), "sessions.cost_usd",       \
    "the client's own figure, else the counted cost")                                              \
  X("session.counted_cost", money, cost, SHMETER_SESSION(usage), "sessions.counted_cost_usd",      \
    "list price of what was counted")                                                              \
  X("session.tokens", count, tokens, SHMETER_SESSION(usage), "sessions.input_tokens",              \
    "input + output of the session")                                                               \
  X("session.tokens_all", count, tokens_all, SHMETER_SESSION(usage), "sessions.total_tokens",      \
    "all four kinds")                                                                              \
  X("session.input", count, number, SHMETER_SESSION(usage.input_tokens), "sessions.input_tokens",  \
    "uncached input")                                                                              \
  X("session.output", count, number, SHMETER_SESSION(usage.output_tokens),                         \
    "sessions.output_tokens", "output, thinking included")                                         \
  X("session.cache_read", count, number, SHMETER_SESSION(usage.cache_read_tokens),                 \
    "sessions.cache_read_tokens", "cache reads")                                                   \
  X("session.cache_write", count, cache_write, SHMETER_SESSION(usage),                             \
    "sessions.cache_creation_tokens", "cache writes")                                              \
  X("session.requests", count, number, SHMETER_SESSION(usage.requests), "sessions.requests",       \
    "API responses, each counted once")                                                            \
  X("session.unpriced", count, number, SHMETER_SESSION(usage.unpriced_tokens),                     \
    "sessions.unpriced_tokens", "tokens of models without a known price")                          \
  X("session.context", share, context, SHMETER_SESSION(context_used_ppm),                          \
    "sessions.context.used_percentage", "share of the context window used")                        \
  X("session.context_used", count, number, SHMETER_SESSION(context_used_tokens),                   \
    "sessions.context.used_tokens", "tokens in the context window")                                \
  X("session.context_size", count, number, SHMETER_SESSION(context_size_tokens),                   \
    "sessions.context.size", "size of the context window")                                         \
  X("session.cache_warm", text, warm, SHMETER_SESSION(prompt_cache_warm),                          \
    "sessions.prompt_cache.warm", "`warm` while the prompt cache is")                              \
  X("session.cache_left", countdown, until, SHMETER_SESSION(prompt_cache_expires_at_s),            \
    "sessions.prompt_cache.expires_at", "time until the prompt cache cools")                       \
  X("session.effort", text, text, SHMETER_SESSION(effort), "sessions.effort", "effort level")      \
  X("session.fast", text, flag, SHMETER_SESSION(fast_mode), "sessions.fast_mode",                  \
    "`fast` in fast mode")                                                                         \
  X("session.thinking", text, flag, SHMETER_SESSION(thinking), "sessions.thinking",                \
    "`thinking` with thinking on")                                                                 \
  X("session.agent", text, text, SHMETER_SESSION(agent), "sessions.agent",                         \
    "agent the session runs as")                                                                   \
  X("session.cwd", text, text, SHMETER_SESSION(cwd), "sessions.cwd", "working directory")          \
  X("session.dir", text, last_part, SHMETER_SESSION(cwd), "sessions.cwd", "last part of it")       \
  X("session.branch", text, text, SHMETER_SESSION(git_branch), "sessions.git_branch",              \
    "git branch")                                                                                  \
  X("session.pr", count, number, SHMETER_SESSION(pr), "sessions.pr", "pull request number")        \
  X("session.version", text, text, SHMETER_SESSION(version), "sessions.version",                   \
    "version of the client")                                                                       \
  X("session.lines_added", count, number, SHMETER_SESSION(lines_added), "sessions.lines_added",    \
    "lines added")                                                                                 \
  X("session.lines_removed", count, number, SHMETER_SESSION(lines_removed),                        \
    "sessions.lines_removed", "lines removed")                                                     \
  X("session.messages", count, number, SHMETER_SESSION(messages), "sessions.messages",             \
    "prompts sent")                                                                                \
  X("session.tool_calls", count, number, SHMETER_SESSION(tool_calls), "sessions.tool_calls",       \
    "tools called")                                                                                \
  X("session.compute", elapsed, milliseconds, SHMETER_SESSION(compute_ms), "sessions.compute_s",   \
    "wall clock of its turns")                                                                     \
  X("session.api", elapsed, milliseconds, SHMETER_SESSION(api_ms), "sessions.api_s",               \
    "time in API calls")                                                                           \
  X("session.started", elapsed, since, SHMETER_SESSION(started_at_s), "sessions.started_at",       \
    "since its first sign of life")                                                                \
  X("session.age", elapsed, since, SHMETER_SESSION(updated_at_s), "sessions.updated_at",           \
    "since its newest")                                                                            \
  X("session.rate_limit_remaining", count, calls, SHMETER_SESSION(rate_limit_remaining),           \
    "sessions.rate_limit_remaining", "API calls left, only when a source said so")                 \
  X("session.rate_limit_limit", count, calls, SHMETER_SESSION(rate_limit_limit),                   \
    "sessions.rate_limit_limit", "API calls allowed")                                              \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "total", SHMETER_OF_ALL, "totals.all.", "everything counted")   \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "today", SHMETER_OF_TODAY, "totals.today.", "today")            \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "week", SHMETER_OF_WEEK, "totals.week.", "this week")           \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "month", SHMETER_OF_MONTH, "totals.month.", "this month")       \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "block", SHMETER_OF_BLOCK, "totals.block.", "the active block") \
  X("block.ends_in", countdown, until, SHMETER_SUMMARY(block.ends_at_s), "totals.block.ends_at",   \
    "time until the block ends")                                                                   \
  X("block.tokens_per_min", count, number, SHMETER_SUMMARY(block.burn_rate_tokens_per_min),        \
    "totals.block.burn_rate_tokens_per_min", "burn rate in tokens per minute")                     \
  X("block.cost_per_hour", money, number, SHMETER_SUMMARY(block.burn_rate_nanousd_per_hour),       \
    "totals.block.burn_rate_usd_per_hour", "burn rate in dollars per hour")                        \
  X("block.projected_cost", money, number, SHMETER_SUMMARY(block.projected_cost_nanousd),          \
    "totals.block.projected_cost_usd", "cost at its end at that rate")                             \
  SHMETER_WINDOW_TEMPLATE_FIELDS(X, "five_hour", five_hour, "five-hour")                           \
  SHMETER_WINDOW_TEMPLATE_FIELDS(X, "seven_day", seven_day, "seven-day")                           \
  X("tightest.name", text, tightest_name, SHMETER_ACCOUNT(five_hour), "accounts.five_hour",        \
    "`5h`, `7d` or what it covers: the limit with the least left")                                 \
  X("tightest.used", share, tightest_used, SHMETER_ACCOUNT(five_hour),                             \
    "accounts.five_hour.used_percentage", "share of it used")                                      \
  X("tightest.left", remainder, tightest_left, SHMETER_ACCOUNT(five_hour),                         \
    "accounts.five_hour.remaining_percentage", "share of it left")                                 \
  X("tightest.resets_in", countdown, tightest_resets_in, SHMETER_ACCOUNT(five_hour),               \
    "accounts.five_hour.resets_at", "time until it resets")                                        \
  X("account.name", text, text, SHMETER_ACCOUNT(name), "accounts.name", "account")                 \
  X("account.tier", text, text, SHMETER_ACCOUNT(tier), "accounts.tier", "its plan")                \
  X("sessions.active", count, number, SHMETER_SUMMARY(active_sessions), "counts.active",           \
    "sessions with a sign of life within 10 minutes")                                              \
  X("sessions.waiting", count, number, SHMETER_SUMMARY(waiting_sessions), "counts.waiting",        \
    "sessions that wait for their user")                                                           \
  X("scan.files", count, scan, SHMETER_SUMMARY(files_read), "scan.files",                          \
    "transcripts read, while the first scan runs")                                                 \
  X("scan.of", count, scan, SHMETER_SUMMARY(files_known), "scan.of",                               \
    "transcripts known, while the first scan runs")                                                \
  X("state", text, freshness, SHMETER_PICTURE, "state", "live, partial, stale, wedged or absent")  \
  X("age", elapsed, age, SHMETER_PICTURE, "age_s", "age of the picture")
