"""The garbage collector of a process that carries calls: little to look at, and that often.

The parts of a call refer to each other, so an ended one is freed by a full collection only. Python
waits with that until some seventy thousand objects have grown old, which is a thousand calls: tens
of megabytes that come and go, and a pause of tens of milliseconds that callers hear.

What has been freed stays with the C library, in pieces between what lives; without being asked it
gives back the end of its heap alone, and a process of constant load grows for days.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc

# Python's own but for the last: a full collection may follow two of the middle generation, not ten.
# It still waits until what is new is a quarter of what is there, so that its cost stays in
# proportion however many calls are up.
THRESHOLDS = (700, 10, 2)
GIVE_BACK_S = 60.0  # it takes about a millisecond, ten when there is a lot


def settle() -> None:
    """Call once everything is loaded: what exists by now stays to the end, and is never looked at
    again (with all libraries that would take tens of milliseconds each time)."""
    gc.collect()
    gc.freeze()
    gc.collect()  # counts what is there anew: a quarter of everything loaded would be far too late
    gc.set_threshold(*THRESHOLDS)


def give_back() -> None:
    """Return to the system what is free in the C library's heaps; nothing where it cannot."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others have none
    if trim is not None:
        trim(0)


async def keep_giving_back() -> None:
    """`give_back` once a minute until cancelled."""
    while True:
        await asyncio.sleep(GIVE_BACK_S)
        give_back()
