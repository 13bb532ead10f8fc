"""Watches the supervisor and ends its children when it is gone, however it went.

It reads what runs from a pipe that only the supervisor writes to: its end is the supervisor's end.
On Linux the children get a signal of their own then; the guard also reaches what they had started, and
works on every system. It keeps the supervisor's lock until all is quiet: a new start waits for it.
"""

import signal
import sys
import time

from runtime import processes

_PATIENCE = 10.0


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running: set[int] = set()
    for line in sys.stdin:
        sign, group = line[0], int(line[1:])
        if sign == "+":
            running.add(group)
        else:
            running.discard(group)
    for group in running:
        processes.signal_group(group, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    for group in running:
        processes.end_group(group, patience=max(0.0, deadline - time.monotonic()))
    return 0
