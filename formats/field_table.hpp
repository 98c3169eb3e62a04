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

#define SHMETER_WINDOW_TEMPLATE_FIELDS(X, scope, member, of)                                       \
  X(scope ".used", share, used, SHMETER_ACCOUNT(member), "accounts." scope ".used_percentage",     \
    "share of the " of " limit used")                                                              \
  X(scope ".left", remainder, left, SHMETER_ACCOUNT(member),                                       \
    "accounts." scope ".remaining_percentage", "share of it left")                                 \
  X(scope ".resets_in", countdown, resets_in, SHMETER_ACCOUNT(member),                             \
    "accounts." scope ".resets_at", "time until it resets")                                        \
  X(scope ".resets_at", moment, resets_at, SHMETER_ACCOUNT(member),                                \
    "accounts." scope ".resets_at", "when it resets")                                              \
  X(scope ".age", elapsed, observed, SHMETER_ACCOUNT(member), "accounts." scope ".observed_at",    \
    "since the service said so")                                                                   \
  X(scope ".old", elapsed, old, SHMETER_ACCOUNT(member), "accounts." scope ".age_s",               \
    "the same, once it is more than an hour")                                                      \
  X(scope ".projected", share, number, SHMETER_ACCOUNT(member##_projected_ppm),                    \
    "accounts." scope ".projected_percentage", "share used at its reset if it goes on growing so") \
  X(scope ".pace", pace, member##_pace, SHMETER_ACCOUNT(member),                                   \
    "accounts." scope ".pace_percentage", "share used less share of its time gone by")

#define SHMETER_CHOSEN_TEMPLATE_FIELDS(X, scope, PLACE, path)                                  \
  X(scope ".used", share, used, PLACE, path "used_percentage", "share of it used")             \
  X(scope ".left", remainder, left, PLACE, path "remaining_percentage", "share of it left")    \
  X(scope ".resets_in", countdown, resets_in, PLACE, path "resets_at", "time until it resets") \
  X(scope ".old", elapsed, old, PLACE, path "age_s",                                           \
    "since the service said so, once it is more than an hour")

#define SHMETER_BLOCK_TEMPLATE_FIELDS(X, scope, OF_BLOCK, BLOCK, path, of)    \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, scope, OF_BLOCK, path, of)                 \
  X(scope ".ends_in", countdown, until, BLOCK(ends_at_s), path "ends_at",     \
    "time until the block ends")                                              \
  X(scope ".tokens_per_min", count, number, BLOCK(burn_rate_tokens_per_min),  \
    path "burn_rate_tokens_per_min", "burn rate in tokens per minute")        \
  X(scope ".cost_per_hour", money, number, BLOCK(burn_rate_nanousd_per_hour), \
    path "burn_rate_usd_per_hour", "burn rate in dollars per hour")           \
  X(scope ".projected_cost", money, number, BLOCK(projected_cost_nanousd),    \
    path "projected_cost_usd", "cost at its end at that rate")

#define SHMETER_OF_SESSION(member) SHMETER_SESSION(usage member)
#define SHMETER_OF_ALL(member) SHMETER_SUMMARY(all member)
#define SHMETER_OF_TODAY(member) SHMETER_SUMMARY(today member)
#define SHMETER_OF_WEEK(member) SHMETER_SUMMARY(week member)
#define SHMETER_OF_MONTH(member) SHMETER_SUMMARY(month member)
#define SHMETER_OF_FLEET(member) SHMETER_SUMMARY(fleet member)
#define SHMETER_BLOCK(member) SHMETER_SUMMARY(block.member)
#define SHMETER_OF_BLOCK(member) SHMETER_SUMMARY(block.usage member)
#define SHMETER_ACCOUNT_BLOCK(member) SHMETER_ACCOUNT(block.member)
#define SHMETER_OF_ACCOUNT_BLOCK(member) SHMETER_ACCOUNT(block.usage member)
#define SHMETER_OF_PERIOD(member) SHMETER_ACCOUNT(period member)

#define SHMETER_TEMPLATE_FIELDS(X)                                                                \
  X("session.id", text, text, SHMETER_SESSION(session_id), "sessions.session_id", "session id")   \
  X("session.name", text, text, SHMETER_SESSION(name), "sessions.name", "the session's name")     \
  X("session.model", text, model_name, SHMETER_SESSION(model_name), "sessions.model_name",        \
    "model as the client names it, else its id, short")                                           \
  X("session.model_id", text, text, SHMETER_SESSION(model), "sessions.model", "model id")         \
  X("session.status", text, status, SHMETER_SESSION(status), "sessions.status",                   \
    "idle, busy, waiting or ended")                                                               \
  X("session.cost", money, session_cost, SHMETER_SESSION(cost_nanousd), "sessions.cost_usd",      \
    "the client's own figure, else the counted cost")                                             \
  X("session.counted_cost", money, cost, SHMETER_SESSION(usage), "sessions.counted_cost_usd",     \
    "list price of what was counted")                                                             \
  X("session.tokens", count, tokens, SHMETER_SESSION(usage), "sessions.input_tokens",             \
    "input + output of the session")                                                              \
  X("session.tokens_all", count, tokens_all, SHMETER_SESSION(usage), "sessions.total_tokens",     \
    "all four kinds")                                                                             \
  X("session.input", count, number, SHMETER_SESSION(usage.input_tokens), "sessions.input_tokens", \
    "uncached input")                                                                             \
  X("session.output", count, number, SHMETER_SESSION(usage.output_tokens),                        \
    "sessions.output_tokens", "output, thinking included")                                        \
  X("session.cache_read", count, number, SHMETER_SESSION(usage.cache_read_tokens),                \
    "sessions.cache_read_tokens", "cache reads")                                                  \
  X("session.cache_write", count, cache_write, SHMETER_SESSION(usage),                            \
    "sessions.cache_creation_tokens", "cache writes")                                             \
  X("session.requests", count, number, SHMETER_SESSION(usage.requests), "sessions.requests",      \
    "API responses, each counted once")                                                           \
  X("session.unpriced", count, number, SHMETER_SESSION(usage.unpriced_tokens),                    \
    "sessions.unpriced_tokens", "tokens of models without a known price")                         \
  X("session.context", share, context, SHMETER_SESSION(context_used_ppm),                         \
    "sessions.context.used_percentage", "share of the context window used")                       \
  X("session.context_used", count, number, SHMETER_SESSION(context_used_tokens),                  \
    "sessions.context.used_tokens", "tokens in the context window")                               \
  X("session.context_size", count, number, SHMETER_SESSION(context_size_tokens),                  \
    "sessions.context.size", "size of the context window")                                        \
  X("session.cache_warm", text, warm, SHMETER_SESSION(prompt_cache_warm),                         \
    "sessions.prompt_cache.warm", "`warm` while the prompt cache is")                             \
  X("session.cache_left", countdown, until, SHMETER_SESSION(prompt_cache_expires_at_s),           \
    "sessions.prompt_cache.expires_at", "time until the prompt cache cools")                      \
  X("session.effort", text, text, SHMETER_SESSION(effort), "sessions.effort", "effort level")     \
  X("session.fast", text, flag, SHMETER_SESSION(fast_mode), "sessions.fast_mode",                 \
    "`fast` in fast mode")                                                                        \
  X("session.thinking", text, flag, SHMETER_SESSION(thinking), "sessions.thinking",               \
    "`thinking` with thinking on")                                                                \
  X("session.agent", text, text, SHMETER_SESSION(agent), "sessions.agent",                        \
    "agent the session runs as")                                                                  \
  X("session.cwd", text, text, SHMETER_SESSION(cwd), "sessions.cwd", "working directory")         \
  X("session.dir", text, last_part, SHMETER_SESSION(cwd), "sessions.cwd", "last part of it")      \
  X("session.branch", text, text, SHMETER_SESSION(git_branch), "sessions.git_branch",             \
    "git branch")                                                                                 \
  X("session.pr", count, number, SHMETER_SESSION(pr), "sessions.pr", "pull request number")       \
  X("session.version", text, text, SHMETER_SESSION(version), "sessions.version",                  \
    "version of the client")                                                                      \
  X("session.lines_added", count, number, SHMETER_SESSION(lines_added), "sessions.lines_added",   \
    "lines added")                                                                                \
  X("session.lines_removed", count, number, SHMETER_SESSION(lines_removed),                       \
    "sessions.lines_removed", "lines removed")                                                    \
  X("session.messages", count, number, SHMETER_SESSION(messages), "sessions.messages",            \
    "prompts sent")                                                                               \
  X("session.tool_calls", count, number, SHMETER_SESSION(tool_calls), "sessions.tool_calls",      \
    "tools called")                                                                               \
  X("session.compute", elapsed, milliseconds, SHMETER_SESSION(compute_ms), "sessions.compute_s",  \
    "wall clock of its turns")                                                                    \
  X("session.api", elapsed, milliseconds, SHMETER_SESSION(api_ms), "sessions.api_s",              \
    "time in API calls")                                                                          \
  X("session.started", elapsed, since, SHMETER_SESSION(started_at_s), "sessions.started_at",      \
    "since its first sign of life")                                                               \
  X("session.age", elapsed, since, SHMETER_SESSION(updated_at_s), "sessions.updated_at",          \
    "since its newest")                                                                           \
  X("session.rate_limit_remaining", count, calls, SHMETER_SESSION(rate_limit_remaining),          \
    "sessions.rate_limit_remaining", "API calls left, only when a source said so")                \
  X("session.rate_limit_limit", count, calls, SHMETER_SESSION(rate_limit_limit),                  \
    "sessions.rate_limit_limit", "API calls allowed")                                             \
  X("session.rate_limit_resets_in", countdown, until, SHMETER_SESSION(rate_limit_reset_s),        \
    "sessions.rate_limit_reset", "time until they are given anew")                                \
  X("session.uncounted_cost", money, number, SHMETER_SESSION(uncounted_cost_nanousd),             \
    "sessions.uncounted_cost_usd", "what the client adds up beyond the counted cost")             \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "total", SHMETER_OF_ALL, "totals.all.", "everything counted")  \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "today", SHMETER_OF_TODAY, "totals.today.", "today")           \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "week", SHMETER_OF_WEEK, "totals.week.", "this week")          \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "month", SHMETER_OF_MONTH, "totals.month.", "this month")      \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "fleet", SHMETER_OF_FLEET, "totals.fleet.",                    \
                                "all machines together")                                          \
  SHMETER_BLOCK_TEMPLATE_FIELDS(X, "block", SHMETER_OF_BLOCK, SHMETER_BLOCK, "totals.block.",     \
                                "the active block")                                               \
  X("hours.cost", series, levels, SHMETER_SUMMARY(hours_cost), "totals.hours.cost",               \
    "list price by the hour, the last 24")                                                        \
  X("hours.tokens", series, levels, SHMETER_SUMMARY(hours_tokens), "totals.hours.tokens",         \
    "input + output by the hour, the last 24")                                                    \
  SHMETER_WINDOW_TEMPLATE_FIELDS(X, "five_hour", five_hour, "five-hour")                          \
  SHMETER_WINDOW_TEMPLATE_FIELDS(X, "seven_day", seven_day, "seven-day")                          \
  X("tightest.name", text, tightest_name, SHMETER_ACCOUNT(five_hour), "accounts.five_hour",       \
    "`5h`, `7d` or what it covers: the limit with the least left")                                \
  SHMETER_CHOSEN_TEMPLATE_FIELDS(X, "tightest", SHMETER_TIGHTEST, "accounts.five_hour.")          \
  X("scoped.name", text, scoped_name, SHMETER_ACCOUNT(five_hour), "accounts.scoped.label",        \
    "what a weekly limit of its own covers; of several the one with the least left")              \
  SHMETER_CHOSEN_TEMPLATE_FIELDS(X, "scoped", SHMETER_SCOPED, "accounts.scoped.")                 \
  X("extra.used", money, number, SHMETER_ACCOUNT(extra_usage.used_nanousd),                       \
    "accounts.extra_usage.used_usd", "paid usage beyond the plan, this month")                    \
  X("extra.limit", money, number, SHMETER_ACCOUNT(extra_usage.monthly_limit_nanousd),             \
    "accounts.extra_usage.monthly_limit_usd", "its limit")                                        \
  X("extra.share", share, number, SHMETER_ACCOUNT(extra_usage.used_ppm),                          \
    "accounts.extra_usage.used_percentage", "share of it used")                                   \
  X("spend.used", money, number, SHMETER_ACCOUNT(spend_limit.used_nanousd),                       \
    "accounts.spend_limit.used_usd", "spent under a gateway's spend limit")                       \
  X("spend.limit", money, number, SHMETER_ACCOUNT(spend_limit.limit_nanousd),                     \
    "accounts.spend_limit.limit_usd", "the limit")                                                \
  X("spend.share", share, number, SHMETER_ACCOUNT(spend_limit.used_ppm),                          \
    "accounts.spend_limit.used_percentage", "share of it used")                                   \
  X("spend.resets_in", countdown, until, SHMETER_ACCOUNT(spend_limit.resets_at_s),                \
    "accounts.spend_limit.resets_at", "time until it resets")                                     \
  X("spend.period", text, text, SHMETER_ACCOUNT(spend_limit.period),                              \
    "accounts.spend_limit.period", "daily, weekly or monthly")                                    \
  X("account.name", text, text, SHMETER_ACCOUNT(name), "accounts.name", "account")                \
  X("account.tier", text, text, SHMETER_ACCOUNT(tier), "accounts.tier", "its plan")               \
  X("account.last_request", elapsed, since, SHMETER_ACCOUNT(last_request_at_s),                   \
    "accounts.last_request_at", "since its newest request")                                       \
  X("account.weekly_used", money, weekly_used, SHMETER_ACCOUNT(weekly_used_nanousd),              \
    "accounts.weekly_used_usd", "list price of the last 168 hours")                               \
  X("account.weekly_budget", money, number, SHMETER_ACCOUNT(weekly_budget_nanousd),               \
    "accounts.weekly_budget_usd", "what it may come to; 456 dollars if nobody set it")            \
  X("account.weekly", share, number, SHMETER_ACCOUNT(weekly_ppm), "accounts.weekly_percent",      \
    "share of the weekly budget used")                                                            \
  X("account.block_budget", money, number, SHMETER_ACCOUNT(block_budget_nanousd),                 \
    "accounts.block_budget_usd", "what a block may come to")                                      \
  X("account.block_used", share, number, SHMETER_ACCOUNT(block_ppm), "accounts.block_percent",    \
    "share of the block budget used")                                                             \
  X("account.health", remainder, number, SHMETER_ACCOUNT(health_ppm), "accounts.health",          \
    "100 less what budgets and limits are used up")                                               \
  SHMETER_BLOCK_TEMPLATE_FIELDS(X, "account.block", SHMETER_OF_ACCOUNT_BLOCK,                     \
                                SHMETER_ACCOUNT_BLOCK, "accounts.block.",                         \
                                "the account's active block")                                     \
  SHMETER_USAGE_TEMPLATE_FIELDS(X, "period", SHMETER_OF_PERIOD, "accounts.period.",               \
                                "the account's running `[usage]` period")                         \
  X("period.started", elapsed, since, SHMETER_ACCOUNT(period_started_at_s),                       \
    "accounts.period.started_at", "since it began")                                               \
  X("period.input_limit", count, number, SHMETER_ACCOUNT(input_tokens_limit),                     \
    "accounts.input_tokens_limit", "configured limit of its input tokens")                        \
  X("period.output_limit", count, number, SHMETER_ACCOUNT(output_tokens_limit),                   \
    "accounts.output_tokens_limit", "configured limit of its output tokens")                      \
  X("sessions.active", count, number, SHMETER_SUMMARY(active_sessions), "counts.active",          \
    "sessions with a sign of life within 10 minutes")                                             \
  X("sessions.waiting", count, number, SHMETER_SUMMARY(waiting_sessions), "counts.waiting",       \
    "sessions that wait for their user")                                                          \
  X("scan.files", count, scan, SHMETER_SUMMARY(files_read), "scan.files",                         \
    "transcripts read, while the first scan runs")                                                \
  X("scan.of", count, scan, SHMETER_SUMMARY(files_known), "scan.of",                              \
    "transcripts known, while the first scan runs")                                               \
  X("state", text, freshness, SHMETER_PICTURE, "state", "live, partial, stale, wedged or absent") \
  X("age", elapsed, age, SHMETER_PICTURE, "age_s", "age of the picture")
