"""File descriptors: each call and each seat's leg needs some, and so does the link to the desk.

A process without any left can neither log, nor reconnect, nor answer; so what is new is refused
while a few are left, and what is there goes on.
"""

from __future__ import annotations

import os
import resource

# The link to the desk, its name look-up, the epoch file, a library's moment of need.
RESERVE = 12


def raise_limit() -> None:
    """Use all the system grants: many start a process with 1024 of a far higher limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_descriptors() -> int:
    """How many more this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft - len(os.listdir("/proc/self/fd"))
