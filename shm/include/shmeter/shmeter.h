/* SPDX-License-Identifier: MIT
 *
 * What the shmeter collector knows, read out of its shared memory: quota, cost, tokens, sessions.
 * No process is started, nobody is asked, no lock is taken. Link with libshmeter (pkg-config
 * shmeter).
 *
 *   int why;
 *   shmeter_summary all;
 *   shmeter_handle *meter = shmeter_open(NULL, &why);
 *   if (meter == NULL) return complain(shmeter_error_text(why));
 *   if (shmeter_snapshot(meter, &all, sizeof all) == SHMETER_OK) show(all.today.cost_nanousd);
 *   shmeter_close(meter);
 *
 * Values. Numbers are whole and scaled: money in nano-dollars, shares in parts per million (42.5 %
 * is 425000), times in epoch seconds unless the name says otherwise. SHMETER_UNKNOWN in an int64_t
 * means that nobody knows: never show it as 0. A text is UTF-8 (but believe nothing: it comes from
 * other programs), zero padded, and WITHOUT a NUL when it fills its array; one that was cut ends in
 * "…".
 *
 * Older and newer. Fields are only ever appended to summary, account, model, session and format;
 * the structs inside of them never change. Every call that fills a record is told how many bytes
 * the caller has for it, its sizeof. A newer library fills the front that the caller knows. An
 * older library, or a region that an older collector wrote, leaves numbers that it does not know
 * SHMETER_UNKNOWN and texts empty. The library's file name carries the layout's major
 * version.
 *
 * Threads. A handle is for one thread at a time; handles know nothing of each other. Memory is
 * taken by shmeter_open, and by the snapshot that finds another collector's region with more room
 * in it. Nothing blocks but shmeter_wait; nothing changes signals, locale or environment (errno is
 * not kept); and a region that is broken or cut short is an error, never a crash.
 *
 * The declarations between the two marks below need no preprocessor but SHMETER_API and
 * SHMETER_CHECK_SIZE, so that other languages can read them. */
#ifndef SHMETER_SHMETER_H
#define SHMETER_SHMETER_H

#include <stddef.h>
#include <stdint.h>

#ifndef SHMETER_API
#define SHMETER_API
#endif
#define SHMETER_CHECK_SIZE(type, bytes) typedef char type##_check[sizeof(type) == (bytes) ? 1 : -1]

/* What no number can be. */
#define SHMETER_UNKNOWN INT64_MIN
/* The first eight bytes of a region, as a number of the machine that wrote it. */
#define SHMETER_MAGIC UINT64_C(0x31524554454d4853)

#ifdef __cplusplus
extern "C" {
#endif

/* declarations */

/* The layout, made from shm/fields.hpp by the layout test with UPDATE_GOLDEN=1. */
/* clang-format off */
/* layout */
enum {
  SHMETER_LAYOUT_MAJOR = 1,
  SHMETER_LAYOUT_MINOR = 2,
  SHMETER_SLOTS = 4,
  SHMETER_LIVE_OFFSET = 512
};

enum shmeter_quota_source {
  SHMETER_QUOTA_SOURCE_STATUSLINE = 1,
  SHMETER_QUOTA_SOURCE_UTILIZATION_FILE = 2,
  SHMETER_QUOTA_SOURCE_LIMIT_LINE = 3,
  SHMETER_QUOTA_SOURCE_STREAM = 4,
  SHMETER_QUOTA_SOURCE_MANUAL = 5,
  SHMETER_QUOTA_SOURCE_COMMAND = 6,
  SHMETER_QUOTA_SOURCE_FLEET = 7
};
enum shmeter_session_status {
  SHMETER_SESSION_STATUS_UNKNOWN = 0,
  SHMETER_SESSION_STATUS_IDLE = 1,
  SHMETER_SESSION_STATUS_BUSY = 2,
  SHMETER_SESSION_STATUS_WAITING = 3,
  SHMETER_SESSION_STATUS_ENDED = 4
};
enum shmeter_budget_source {
  SHMETER_BUDGET_SOURCE_PRESET = 0,
  SHMETER_BUDGET_SOURCE_CONFIG = 1
};
enum shmeter_completeness {
  SHMETER_COMPLETENESS_COMPLETE = 0,
  SHMETER_COMPLETENESS_TODAY_ONLY = 1,
  SHMETER_COMPLETENESS_NOTHING_YET = 2
};
enum shmeter_writer_state {
  SHMETER_WRITER_STATE_RUNNING = 0,
  SHMETER_WRITER_STATE_STOPPED = 1,
  SHMETER_WRITER_STATE_SUPERSEDED = 2
};

/* 64 bytes, inside other records. */
typedef struct shmeter_usage {
  int64_t requests;                         /* count: API responses, each counted once */
  int64_t input_tokens;                     /* tokens: uncached input */
  int64_t output_tokens;                    /* tokens: output, thinking included */
  int64_t cache_write_5m_tokens;            /* tokens: cache writes kept 5 min, and those of unsaid life */
  int64_t cache_write_1h_tokens;            /* tokens: cache writes kept 1 h */
  int64_t cache_read_tokens;                /* tokens: cache reads */
  int64_t cost_nanousd;                     /* nano-USD: list price of the priced requests */
  int64_t unpriced_tokens;                  /* tokens: tokens of requests whose model has no known price */
} shmeter_usage;

/* 32 bytes, inside other records. */
typedef struct shmeter_window {
  int64_t used_ppm;                         /* ppm: share used, 0-1000000; unknown once past its reset */
  int64_t resets_at_s;                      /* epoch s: when the window resets */
  int64_t observed_at_s;                    /* epoch s: when the service said so */
  int64_t source;                           /* enum shmeter_quota_source: who passed it on */
} shmeter_window;

/* 80 bytes, inside other records. */
typedef struct shmeter_scoped_window {
  char label[48];                           /* what the window covers */
  shmeter_window window;                    /* the window itself */
} shmeter_scoped_window;

/* 112 bytes, inside other records. */
typedef struct shmeter_block {
  int64_t started_at_s;                     /* epoch s: start, also the block's id */
  int64_t ends_at_s;                        /* epoch s: start + 5 h; on the UTC grid, at 24:00 at the latest */
  int64_t first_request_at_s;               /* epoch s: first request in it */
  int64_t burn_rate_tokens_per_min;         /* tokens/min: all kinds, first to last request */
  int64_t burn_rate_nanousd_per_hour;       /* nano-USD/h: the same in money */
  int64_t projected_cost_nanousd;           /* nano-USD: cost at the block's end at that rate */
  shmeter_usage usage;                      /* what was used in it */
} shmeter_block;

/* 32 bytes, inside other records. */
typedef struct shmeter_extra_usage {
  int64_t is_enabled;                       /* bool: extra usage switched on */
  int64_t monthly_limit_nanousd;            /* nano-USD: limit, unknown = unlimited */
  int64_t used_nanousd;                     /* nano-USD: used this month */
  int64_t used_ppm;                         /* ppm: share of the limit used */
} shmeter_extra_usage;

/* 48 bytes, inside other records. */
typedef struct shmeter_spend_limit {
  int64_t used_ppm;                         /* ppm: share used, may exceed 1000000 */
  int64_t resets_at_s;                      /* epoch s: when it resets */
  int64_t used_nanousd;                     /* nano-USD: spent in the period */
  int64_t limit_nanousd;                    /* nano-USD: the limit */
  char period[16];                          /* daily, weekly or monthly */
} shmeter_spend_limit;

/* 24 bytes, inside the header. */
typedef struct shmeter_section {
  uint64_t offset;                          /* bytes: from the start of a slot */
  uint32_t stride;                          /* bytes: from one record to the next */
  uint32_t record_bytes;                    /* bytes: of a record that are written */
  uint32_t capacity;                        /* count: records that fit */
  uint32_t reserved;                        /* 0 */
} shmeter_section;

/* 248 bytes, at 0 of the file. */
typedef struct shmeter_header {
  uint64_t magic;                           /* bytes: SHMETER1; stored last */
  uint32_t endian;                          /* 0x01020304 in the writer's byte order */
  uint32_t header_bytes;                    /* bytes: size of this header */
  uint32_t layout_major;                    /* other major = other file name */
  uint32_t layout_minor;                    /* raised when fields are appended */
  uint32_t layout_compat_minor;             /* oldest reader minor that still understands it */
  uint32_t slots;                           /* count: pictures in the ring */
  uint64_t layout_hash;                     /* hash: hash_text of the schema text */
  uint64_t file_bytes;                      /* bytes: size of the whole file */
  uint64_t schema_offset;                   /* bytes: schema text, from the start of the file */
  uint64_t schema_bytes;                    /* bytes: length of the schema text */
  uint64_t slots_offset;                    /* bytes: slot 0, from the start of the file */
  uint64_t slot_stride;                     /* bytes: from one slot to the next */
  shmeter_section summary;                  /* one summary */
  shmeter_section accounts;                 /* accounts */
  shmeter_section models;                   /* models */
  shmeter_section sessions;                 /* sessions, newest first */
  shmeter_section index;                    /* sessions by id */
  shmeter_section formats;                  /* formats by target */
  shmeter_section text;                     /* the text of the formats */
} shmeter_header;

/* 128 bytes, at 512 of the file. */
typedef struct shmeter_live {
  uint64_t begin;                           /* count: number of the picture that is being or was last written */
  uint64_t head;                            /* count: number of the newest whole picture */
  uint32_t notify;                          /* count: changes with every publication: a futex word */
  uint32_t state;                           /* enum shmeter_writer_state */
  char reserved_24[40];
  uint64_t heartbeat_ns;                    /* ns: CLOCK_MONOTONIC, every 5 s while the writer runs */
  uint64_t adoptions;                       /* count: writers that took this file over */
  uint64_t writer_pid;                      /* pid: for people; nobody decides by it */
  uint64_t writer_started_at_s;             /* epoch s: when the writer started */
  char reserved_96[32];
} shmeter_live;

/* 736 bytes, one in each slot. */
typedef struct shmeter_summary {
  uint64_t sequence;                        /* count: publication number, the slot is sequence % 4 */
  uint64_t checksum;                        /* hash: checksum over the summary with this field 0 */
  int64_t published_at_ms;                  /* epoch ms: when this picture was published */
  int64_t completeness;                     /* enum shmeter_completeness: complete, today_only, nothing_yet */
  int64_t files_read;                       /* count: transcripts read to their end by the first scan */
  int64_t files_known;                      /* count: transcripts found by the first scan */
  int64_t utc_offset_s;                     /* s: local time - UTC now */
  int64_t utc_change_at_s;                  /* epoch s: when that offset changes next */
  int64_t utc_offset_after_s;               /* s: the offset from then on */
  int64_t sessions;                         /* count: session records in this picture */
  int64_t sessions_known;                   /* count: sessions the collector knows */
  int64_t accounts;                         /* count: account records in this picture */
  int64_t models;                           /* count: model records in this picture */
  int64_t formats;                          /* count: targets with a format of the user's own */
  int64_t active_sessions;                  /* count: sessions observed within 10 minutes */
  int64_t waiting_sessions;                 /* count: sessions waiting for their user */
  int64_t damaged_lines;                    /* count: lines that were not what they must be */
  int64_t skipped_lines;                    /* count: lines over the size limit */
  int64_t unreadable_files;                 /* count: files or folders that could not be read */
  int64_t dropped_datagrams;                /* count: ingest datagrams refused */
  shmeter_usage all;                        /* everything counted */
  shmeter_usage today;                      /* since local midnight */
  shmeter_usage week;                       /* since the local start of the week */
  shmeter_usage month;                      /* since the local first of the month */
  shmeter_usage fleet;                      /* all machines together */
  shmeter_block block;                      /* the active five-hour block over all accounts */
  char hours_cost[24];                      /* list price by the hour: a digit each, below */
  char hours_tokens[24];                    /* input + output by the hour, likewise */
  char dashboard[96];                       /* address of the dashboard, empty = none */
} shmeter_summary;

/* 1120 bytes, up to 8 in each slot. */
typedef struct shmeter_account {
  char id[24];                              /* stable id, made from the config dir */
  char name[64];                            /* configured name, else made from the config dir */
  char config_dir[192];                     /* Claude Code's config directory */
  uint64_t config_dir_hash;                 /* hash: hash_text of the whole config dir */
  char tier[16];                            /* plan, empty = unknown */
  shmeter_window five_hour;                 /* the five-hour limit window */
  shmeter_window seven_day;                 /* the seven-day limit window */
  shmeter_scoped_window scoped_1;           /* a weekly window of its own, empty label = none */
  shmeter_scoped_window scoped_2;
  shmeter_scoped_window scoped_3;
  shmeter_scoped_window scoped_4;
  shmeter_extra_usage extra_usage;          /* paid usage beyond the plan */
  shmeter_spend_limit spend_limit;          /* a gateway's spend limit */
  int64_t weekly_budget_nanousd;            /* nano-USD: budget for 168 h */
  int64_t budget_source;                    /* enum shmeter_budget_source */
  int64_t weekly_used_nanousd;              /* nano-USD: cost of the last 168 h */
  int64_t weekly_ppm;                       /* ppm: of the weekly budget */
  int64_t block_ppm;                        /* ppm: of the block budget */
  int64_t health_ppm;                       /* ppm: health score, 1000000 = 100 */
  shmeter_block block;                      /* the account's active five-hour block */
  char last_session_id[64];                 /* session of the newest request */
  int64_t last_request_at_s;                /* epoch s: newest request */
  int64_t five_hour_projected_ppm;          /* ppm: five_hour at its reset, by its own slope */
  int64_t seven_day_projected_ppm;          /* ppm: seven_day at its reset; may exceed 1000000 */
  int64_t block_budget_nanousd;             /* nano-USD: budget for one block */
  int64_t period_started_at_s;              /* epoch s: start of the running [usage] period */
  shmeter_usage period;                     /* used in that period */
  int64_t input_tokens_limit;               /* tokens: limit per period, unknown = none set */
  int64_t output_tokens_limit;              /* tokens: limit per period, unknown = none set */
  int64_t weekly_unpriced_tokens;           /* tokens: of the last 168 h, without a known price */
} shmeter_account;

/* 112 bytes, up to 32 in each slot. */
typedef struct shmeter_model {
  char model[48];                           /* model id as normalised */
  shmeter_usage usage;                      /* everything counted under it */
} shmeter_model;

/* 32 bytes, up to 32 in each slot. */
typedef struct shmeter_format {
  char target[16];                          /* target name, such as tmux */
  uint64_t offset;                          /* bytes: start in the text */
  uint64_t length;                          /* bytes: length */
} shmeter_format;

/* 16 bytes, as many as sessions. */
typedef struct shmeter_index_entry {
  uint64_t prefix;                          /* bytes: first 8 bytes of the id, big-endian, zero padded */
  uint64_t position;                        /* index: the session's record: 0 = newest */
} shmeter_index_entry;

/* 840 bytes, up to the capacity in each slot. */
typedef struct shmeter_session {
  char session_id[64];                      /* 1-64 bytes of [A-Za-z0-9._:-] */
  char name[64];                            /* the session's name, empty = none */
  int64_t account;                          /* index: index into the accounts of this picture */
  char cwd[192];                            /* working directory */
  uint64_t cwd_hash;                        /* hash: hash_text of the whole cwd, 0 = none */
  char model[48];                           /* model id, empty = unknown */
  char model_name[48];                      /* model name as the client shows it */
  int64_t status;                           /* enum shmeter_session_status */
  int64_t cost_nanousd;                     /* nano-USD: the client's own figure */
  shmeter_usage usage;                      /* what was counted; its cost is counted_cost_usd */
  int64_t uncounted_cost_nanousd;           /* nano-USD: client's figure less ours, where comparable */
  int64_t context_used_tokens;              /* tokens: tokens in the context window */
  int64_t context_size_tokens;              /* tokens: size of the context window */
  int64_t context_used_ppm;                 /* ppm: share of the context window used */
  int64_t prompt_cache_warm;                /* bool: prompt cache warm */
  int64_t prompt_cache_expires_at_s;        /* epoch s: when it cools */
  char effort[16];                          /* low ... max, empty = unknown */
  int64_t fast_mode;                        /* bool: fast mode on */
  int64_t thinking;                         /* bool: thinking on */
  char agent[48];                           /* agent the session runs as, empty = none */
  char git_branch[64];                      /* branch as reported, empty = none */
  int64_t pr;                               /* number: pull request */
  char version[24];                         /* client version */
  int64_t lines_added;                      /* lines: lines added */
  int64_t lines_removed;                    /* lines: lines removed */
  int64_t messages;                         /* count: prompts sent */
  int64_t tool_calls;                       /* count: tools called */
  int64_t compute_ms;                       /* ms: wall clock of its turns */
  int64_t api_ms;                           /* ms: time spent in API calls */
  int64_t started_at_s;                     /* epoch s: first observation of it */
  int64_t updated_at_s;                     /* epoch s: newest observation of it */
  int64_t rate_limit_remaining;             /* calls: API calls left, only when a source said so */
  int64_t rate_limit_limit;                 /* calls: API calls allowed */
  int64_t rate_limit_reset_s;               /* epoch s: when they are given anew */
  char pane[16];                            /* tmux pane it was last seen in, such as %3 */
} shmeter_session;

SHMETER_CHECK_SIZE(shmeter_usage, 64);
SHMETER_CHECK_SIZE(shmeter_window, 32);
SHMETER_CHECK_SIZE(shmeter_scoped_window, 80);
SHMETER_CHECK_SIZE(shmeter_block, 112);
SHMETER_CHECK_SIZE(shmeter_extra_usage, 32);
SHMETER_CHECK_SIZE(shmeter_spend_limit, 48);
SHMETER_CHECK_SIZE(shmeter_section, 24);
SHMETER_CHECK_SIZE(shmeter_header, 248);
SHMETER_CHECK_SIZE(shmeter_live, 128);
SHMETER_CHECK_SIZE(shmeter_summary, 736);
SHMETER_CHECK_SIZE(shmeter_account, 1120);
SHMETER_CHECK_SIZE(shmeter_model, 112);
SHMETER_CHECK_SIZE(shmeter_format, 32);
SHMETER_CHECK_SIZE(shmeter_index_entry, 16);
SHMETER_CHECK_SIZE(shmeter_session, 840);
/* /layout */
/* clang-format on */

/* What the functions answer: 0, or why not. shmeter_error_text has a sentence for each. */
enum shmeter_result {
  SHMETER_OK = 0,
  SHMETER_E_ABSENT = -1,          /* there is no region: no collector has run here */
  SHMETER_E_FORBIDDEN = -2,       /* no plain file of this user's that only this user can write */
  SHMETER_E_NOT_READY = -3,       /* a region without its first picture */
  SHMETER_E_FOREIGN_VERSION = -4, /* of another layout major or byte order */
  SHMETER_E_CORRUPT = -5,         /* not what it must be, or cut short */
  SHMETER_E_NO_MEMORY = -6,
  SHMETER_E_NO_RECORD = -7, /* the last snapshot has no such record, or there was none */
  SHMETER_E_INVALID = -8 /* a null pointer, a size that is not a record's, a path over 255 bytes */
};

/* How far to trust a picture. */
enum shmeter_liveness {
  SHMETER_IS_LIVE = 0,    /* a collector keeps it; nothing newer is known */
  SHMETER_IS_PARTIAL = 1, /* the same, but its first scan has not read every file yet */
  SHMETER_IS_STALE = 2,   /* the collector is gone: the last values it knew */
  SHMETER_IS_WEDGED = 3,  /* the collector is there, but has not moved for 15 s */
  SHMETER_IS_ABSENT = 4   /* there is no picture: no snapshot so far, or the last one failed */
};

typedef struct shmeter_handle shmeter_handle;

/* Opens the region at `path`; NULL looks where shmeter does: in SHMETER_RUNTIME_DIR if that is set,
 * else in XDG_RUNTIME_DIR/shmeter, /run/user/UID/shmeter, /tmp/shmeter-UID. There the file must
 * belong to this user; a path that was named may lead to anybody's. A handle, for shmeter_close, or
 * NULL with the reason in *why (which may be NULL). */
SHMETER_API shmeter_handle* shmeter_open(const char* path, int* why);

/* Ends the handle. NULL is fine. */
SHMETER_API void shmeter_close(shmeter_handle* handle);

/* Copies the newest picture, whole, into the handle, and `bytes` (sizeof *out) of its summary to
 * `out`, which may be NULL with 0 bytes. Until the next snapshot all records below are of this one
 * publication. Follows a collector that was started again into its new region. Some microseconds.
 * Unless it answers SHMETER_OK the handle has no picture, and `out` is as it was. */
SHMETER_API int shmeter_snapshot(shmeter_handle* handle, shmeter_summary* out, size_t bytes);

/* Records of the last snapshot: summary.accounts, summary.models, summary.sessions (newest first)
 * say how many there are; of sessions the newest 65536 can be had. */
SHMETER_API int shmeter_account_at(const shmeter_handle* handle, uint32_t i, shmeter_account* out,
                                   size_t bytes);
SHMETER_API int shmeter_model_at(const shmeter_handle* handle, uint32_t i, shmeter_model* out,
                                 size_t bytes);
SHMETER_API int shmeter_session_at(const shmeter_handle* handle, uint32_t i, shmeter_session* out,
                                   size_t bytes);
/* The session of that id, 1 to 64 bytes. */
SHMETER_API int shmeter_session_by_id(const shmeter_handle* handle, const char* id,
                                      shmeter_session* out, size_t bytes);

/* An enum shmeter_liveness: how far the last snapshot can be trusted at this moment. *age_s (which
 * may be NULL): 0 while a collector is well, as nothing newer is known; else the seconds since it
 * last showed that it was; SHMETER_UNKNOWN when nobody can tell. */
SHMETER_API int shmeter_state(shmeter_handle* handle, int64_t* age_s);

/* Sleeps until there is a newer picture than the last snapshot's, `timeout_ms` have passed, or a
 * signal has come; costs the collector nothing. 1 = take a snapshot, 0 = time is up or a signal
 * came. Watchers wait some seconds at most and take a snapshot then as well: a new region wakes
 * nobody who sleeps on an old one. */
SHMETER_API int shmeter_wait(shmeter_handle* handle, int timeout_ms);

/* The library's version, such as "0.1.0". */
SHMETER_API const char* shmeter_version(void);

/* A sentence for an enum shmeter_result: what is wrong and what to do. Never NULL. */
SHMETER_API const char* shmeter_error_text(int result);

/* end of declarations */

#ifdef __cplusplus
}
#endif

#endif
