"""The mask comes off exactly as RFC 6455 says, and where the server library takes it off."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from agent_desk.unmasking import unmask

MASKS = st.lists(st.integers(0, 255), min_size=4, max_size=4)


@given(data=st.binary(max_size=300), mask=MASKS, offset=st.integers(0, 9))
def test_each_octet_is_xored_with_its_place_in_the_mask(
    data: bytes, mask: list[int], offset: int
) -> None:
    plain = bytes(each ^ mask[(offset + place) % 4] for place, each in enumerate(data))

    assert unmask(data, mask, offset=offset) == plain


@given(data=st.binary(max_size=300), mask=MASKS, cut=st.integers(0, 300))
def test_a_payload_that_comes_in_parts_is_the_same(data: bytes, mask: list[int], cut: int) -> None:
    parts = (data[:cut], data[cut:])

    whole = unmask(parts[0], mask) + unmask(parts[1], mask, offset=len(parts[0]))

    assert whole == unmask(data, mask)


def test_no_more_is_taken_than_was_asked_for() -> None:
    assert unmask(b"\x01\x02\x03\x04\x05", (1, 2, 3, 4), length=2) == b"\0\0"


def test_the_server_library_unmasks_so() -> None:
    """A newer one that unmasks elsewhere would leave ours without use, and nobody would notice."""
    program = (
        "from agent_desk.__main__ import Eventlet; from agent_desk.unmasking import unmask\n"
        "Eventlet(); import eventlet.websocket as library, inspect\n"
        "assert library.RFC6455WebSocket._apply_mask is unmask\n"
        "assert '_apply_mask(d, mask, length=dlen, offset=received)'"
        " in inspect.getsource(library.RFC6455WebSocket._recv_frame)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
