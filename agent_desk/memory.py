"""What the desk does about memory, once a minute: it works for months between two starts."""

from __future__ import annotations

import ctypes
import gc


def free_memory() -> None:
    """Free what refers to itself, and return to the system what the C library holds free.

    The library gives back the end of its heap alone without being asked, so that the desk would
    grow by some megabytes in each hour of constant load. Takes a few milliseconds.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others have none
    if trim is not None:
        trim(0)
