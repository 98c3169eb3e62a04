/* SPDX-License-Identifier: MIT */
/* The header is C99 by itself: it is the first thing here, and this compiles. */
#include <shmeter/shmeter.h>

/* Every function once, so that each is declared as a C caller needs it. */
int shmeter_header_in_c(void);
int shmeter_header_in_c(void) {
  int why = 0;
  int64_t age_s = 0;
  shmeter_summary summary;
  shmeter_account account;
  shmeter_model model;
  shmeter_session session;
  shmeter_handle* handle = shmeter_open(NULL, &why);
  if (handle == NULL) return shmeter_error_text(why)[0] == shmeter_version()[0];
  why = shmeter_snapshot(handle, &summary, sizeof summary) +
        shmeter_account_at(handle, 0, &account, sizeof account) +
        shmeter_model_at(handle, 0, &model, sizeof model) +
        shmeter_session_at(handle, 0, &session, sizeof session) +
        shmeter_session_by_id(handle, "id", &session, sizeof session) +
        shmeter_state(handle, &age_s) + shmeter_wait(handle, 0);
  shmeter_close(handle);
  return why;
}
