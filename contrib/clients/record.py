#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tells the collector about things that happened, over its control socket. Standard library only.

    from record import Collector
    with Collector() as collector:
        collector.message("my-session")
        collector.tokens("my-session", "claude-sonnet-4-5", input_tokens=1200, output_tokens=80)
        print(collector.usage("my-session")["estimated_cost"])

As a program it does the same from the command line:

    record.py message SESSION
    record.py tool SESSION TOOL-USE-ID
    record.py tokens SESSION MODEL INPUT OUTPUT
    record.py compute SESSION SECONDS
    record.py usage SESSION
"""

import json
import os
import socket
import sys


class Refused(Exception):
    """The collector answered `ERROR reason`."""


def control_socket():
    """The first control socket there is; the order is the collector's own."""
    uid = os.geteuid()
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    named = os.environ.get("SHMETER_RUNTIME_DIR")
    dirs = [named] if named else [
        runtime and os.path.join(runtime, "shmeter"),
        f"/run/user/{uid}/shmeter",
        f"/tmp/shmeter-{uid}",
    ]
    for directory in filter(None, dirs):
        path = os.path.join(directory, "control.sock")
        if os.path.exists(path):
            return path
    raise ConnectionError("no collector is running: no control.sock in " + ", ".join(filter(None, dirs)))


class Collector:
    """One conversation; requests are answered in order. Not for two threads at once."""

    def __init__(self, path=None, timeout=5.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(path or control_socket())
        self._answers = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._answers.close()
        self._socket.close()

    def ask(self, line, body=b""):
        """One request; the answer's line. Raises Refused, ConnectionError or TimeoutError."""
        self._socket.sendall(line.encode() + b"\n" + body)
        answer = self._answers.readline().decode()
        if not answer.endswith("\n"):
            raise ConnectionError("the collector went away")
        if answer.startswith("ERROR "):
            raise Refused(answer[len("ERROR "):].rstrip("\n"))
        return answer.rstrip("\n")

    def post(self, *events):
        """Posts any number of events at once; returns when they are stored."""
        body = json.dumps(events).encode()
        return int(self.ask(f"INGEST events {len(body)}", body).split()[1])

    def _event(self, session, event_type, value, more):
        event = {"session_id": session, "event_type": event_type, "value": value, **more}
        return self.post({name: said for name, said in event.items() if said is not None})

    def message(self, session, **more):
        """One prompt. `more`: id, agent_name, created_at and the other members of an event."""
        return self._event(session, "message", 1, more)

    def tool_call(self, session, tool_use_id, **more):
        return self._event(session, "tool_call", 1, {"id": tool_use_id, **more})

    def tokens(self, session, model, input_tokens, output_tokens, **more):
        """One API request. `id` should be the request's, so that telling it twice counts once."""
        members = {"model": model, "input_tokens": input_tokens, "output_tokens": output_tokens}
        return self._event(session, "tokens", input_tokens + output_tokens, {**members, **more})

    def compute(self, session, seconds, **more):
        return self._event(session, "compute", seconds, more)

    def usage(self, session=None):
        """The usage object of a session, or of all of them."""
        return json.loads(self.ask(f"API_USAGE {session}" if session else "API_USAGE_ALL"))

    def set_usage(self, session, **values):
        return self.ask(f"SET_USAGE {session} {json.dumps(values)}")

    def allowed(self, need=""):
        """True, False, or None when nothing is known."""
        return json.loads(self.ask(f"GUARD {need}".strip()))["allowed"]


def main(words):
    try:
        what, session, *rest = words
        with Collector() as collector:
            run = {
                "message": lambda: collector.message(session),
                "tool": lambda: collector.tool_call(session, rest[0]),
                "tokens": lambda: collector.tokens(session, rest[0], int(rest[1]), int(rest[2])),
                "compute": lambda: collector.compute(session, float(rest[0])),
                "usage": lambda: json.dumps(collector.usage(session)),
            }[what]
            print(run())
    except Refused as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as trouble:
        print(trouble, file=sys.stderr)
        return 69
    except (ValueError, KeyError, IndexError):
        print(__doc__, file=sys.stderr)
        return 64
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
