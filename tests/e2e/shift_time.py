# SPDX-License-Identifier: MIT
"""Captured lines and bodies as if they had been written just now: shift_time.py SECONDS < in > out."""
import datetime
import re
import sys

by = datetime.timedelta(seconds=int(sys.argv[1]))


def shift_text(match):
    at = datetime.datetime.strptime(match.group(0), "%Y-%m-%dT%H:%M:%S.%fZ") + by
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def shift_number(match):
    return match.group(1) + str(int(match.group(2)) + int(by.total_seconds()) * 10**9)


for line in sys.stdin:
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shift_text, line)
    sys.stdout.write(re.sub(r'(UnixNano":"?)(\d{19})', shift_number, line))
