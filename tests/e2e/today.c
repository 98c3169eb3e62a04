/* SPDX-License-Identifier: MIT */
/* What today has cost, by libshmeter: a C caller as its header shows one. */
#include <shmeter/shmeter.h>
#include <stdio.h>

int main(void) {
  int why;
  shmeter_summary all;
  shmeter_handle* meter = shmeter_open(NULL, &why);
  if (meter == NULL) {
    fprintf(stderr, "%s\n", shmeter_error_text(why));
    return 69;
  }
  why = shmeter_snapshot(meter, &all, sizeof all);
  if (why == SHMETER_OK && all.today.cost_nanousd != SHMETER_UNKNOWN)
    printf("today\t%.2f\n", (double)all.today.cost_nanousd / 1e9);
  shmeter_close(meter);
  return why == SHMETER_OK ? 0 : 69;
}
