#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the collector knows, read out of its shared memory by libshmeter: no process, no socket, no waiting.

    region.py [--library FILE] [--header FILE] [--region FILE] [--watch]

prints state, today, accounts and sessions, one a line, fields separated by tabs, `-` for what nobody knows; with
--watch again whenever the picture changes. As a module: `with Region() as region: region.snapshot().today.cost_nanousd`.
The records are those of shmeter.h, which is read for it, so a field that is new there is new here.
"""
import argparse
import ctypes
import os
import re
import sys

UNKNOWN = -(2**63)
SCALARS = {"int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64, "uint32_t": ctypes.c_uint32, "char": ctypes.c_char}
STATES = ("live", "partial", "stale", "wedged", "absent")
HEADERS = [
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../shm/include/shmeter/shmeter.h"),
    os.path.expanduser("~/.local/include/shmeter/shmeter.h"),
    "/usr/local/include/shmeter/shmeter.h",
    "/usr/include/shmeter/shmeter.h",
]


def read_header(path):
    """The structs of shmeter.h as ctypes classes, by their C names, and the constants of its enums."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = text.split("/* declarations */")[1].split("/* end of declarations */")[0]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    kinds = dict(SCALARS)
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", text, re.S):
        fields = []
        for kind, field, size in re.findall(r"(\w+) (\w+)(?:\[(\d+)\])?;", body):
            fields.append((field, kinds[kind] * int(size) if size else kinds[kind]))
        kinds[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
    return kinds, {name: int(value) for name, value in re.findall(r"(SHMETER_\w+) = (-?\d+)", text)}


class Unavailable(Exception):
    """No picture. str() says why and what to do, `code` is the SHMETER_E_ number."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Region:
    """A handle of libshmeter, for one thread at a time. Records are of the last snapshot()."""

    def __init__(self, library="libshmeter.so.1", header=None, path=None):
        self.kinds, self.constants = read_header(header or next(filter(os.path.exists, HEADERS), HEADERS[-1]))
        self.library = ctypes.CDLL(library)
        self.library.shmeter_open.restype = ctypes.c_void_p
        self.library.shmeter_error_text.restype = ctypes.c_char_p
        why = ctypes.c_int()
        self.handle = ctypes.c_void_p(self.library.shmeter_open(path and os.fsencode(path), ctypes.byref(why)))
        self._check(why.value)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.library.shmeter_close(self.handle)
        self.handle = ctypes.c_void_p()

    def snapshot(self):
        """Takes the newest picture, whole; its summary."""
        return self._record("shmeter_summary", self.library.shmeter_snapshot)

    def account(self, i):
        return self._record("shmeter_account", self.library.shmeter_account_at, ctypes.c_uint32(i))

    def session(self, i):
        return self._record("shmeter_session", self.library.shmeter_session_at, ctypes.c_uint32(i))

    def session_by_id(self, name):
        return self._record("shmeter_session", self.library.shmeter_session_by_id, os.fsencode(name))

    def state(self):
        """("live", 0): one of STATES, and the age in seconds, None when nobody can tell."""
        age = ctypes.c_int64()
        state = self.library.shmeter_state(self.handle, ctypes.byref(age))
        return STATES[state], known(age.value)

    def wait(self, timeout_s):
        """True when there is a newer picture than the last snapshot."""
        return self.library.shmeter_wait(self.handle, int(timeout_s * 1000)) > 0

    def _record(self, kind, function, *which):
        record = self.kinds[kind]()
        size = ctypes.c_size_t(ctypes.sizeof(record))
        self._check(function(self.handle, *which, ctypes.byref(record), size))
        return record

    def _check(self, result):
        if result != self.constants["SHMETER_OK"]:
            raise Unavailable(result, self.library.shmeter_error_text(result).decode())


def known(number):
    return None if number == UNKNOWN else number


def scaled(number, by, digits):
    return "-" if known(number) is None else f"{number / by:.{digits}f}"


def text(field):
    """For a terminal: sessions are called by other people."""
    shown = field.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in shown) or "-"


def lines(region):
    summary = region.snapshot()
    state, age = region.state()
    yield "state", state, "-" if age is None else str(age)
    yield "today", scaled(summary.today.cost_nanousd, 1e9, 2)
    for i in range(summary.accounts):
        account = region.account(i)
        shares = (scaled(window.used_ppm, 1e4, 1) for window in (account.five_hour, account.seven_day))
        yield "account", text(account.name), *shares
    for i in range(summary.sessions):
        session = region.session(i)
        yield ("session", text(session.session_id), text(session.model_name), scaled(session.cost_nanousd, 1e9, 2),
               scaled(session.context_used_ppm, 1e4, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", default="libshmeter.so.1")
    parser.add_argument("--header")
    parser.add_argument("--region", help="this very file, whoever's it is")
    parser.add_argument("--watch", action="store_true")
    words = parser.parse_args()
    try:
        with Region(words.library, words.header, words.region) as region:
            last = None
            while True:
                now = ["\t".join(line) for line in lines(region)]
                if now != last:
                    print(*now, sep="\n", flush=True)
                if not words.watch:
                    return 0
                last = now
                region.wait(5)
    except (Unavailable, OSError) as reason:
        print(f"region.py: {reason}", file=sys.stderr)
        return 69


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
