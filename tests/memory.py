"""Whether a process returns memory it does not use."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable
from pathlib import Path

import pytest

BLOCKS = 6000
SIZES = (600, 60_000)  # too large for Python's own allocator, too small to be mapped one by one
LEAST_KB = 20_000


def resident_kb() -> int:
    """Of this process."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def gives_back(free: Callable[[], None]) -> None:
    """Assert that `free` returns what lies in pieces between blocks that live."""
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library cannot be asked")
    draw = random.Random(1)
    blocks = [bytearray(draw.randrange(*SIZES)) for _ in range(BLOCKS)]
    draw.shuffle(blocks)
    del blocks[BLOCKS // 4 :]
    before = resident_kb()
    free()
    assert resident_kb() < before - LEAST_KB
