"""The file of a recording: what it gives back, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softphone.recording_file import Closing, Header, Reader, RecordingFault, Sealer

KEY = bytes(range(32))
HEADER = Header(
    kind="g711",
    call_id="c1",
    codec="PCMU",
    started_at=datetime(2026, 4, 1, 1, tzinfo=UTC),
    chunk_octets=100,
    salt=bytes(16),
)
CHUNKS = (bytes([1]) * 100, bytes([2]) * 100, bytes([3]) * 100, bytes([4]) * 40)


def sealed(*, header: Header = HEADER, closed: bool = True, key: bytes = KEY) -> list[bytes]:
    """The file in its parts: head, chunks, closing chunk."""
    sealer = Sealer(key, header)
    parts = [sealer.head]
    parts += [sealer.chunk(n, sound, paused_ms=n) for n, sound in enumerate(CHUNKS)]
    if closed:
        parts.append(sealer.close(Closing(len(CHUNKS), 340, 6)))
    return parts


def reader(data: bytes, key: bytes = KEY) -> Reader:
    return Reader(lambda offset, length: data[offset : offset + length], (key,))


def fault(data: bytes, key: bytes = KEY) -> str:
    with pytest.raises(RecordingFault) as caught:
        reader(data, key).verify(len(data))
    return caught.value.error_id


def test_what_was_sealed_comes_back_with_its_header_and_closing_words() -> None:
    data = b"".join(sealed())
    opened = reader(data)
    contents = opened.verify(len(data))
    assert opened.header == HEADER
    assert contents.closing == Closing(4, 340, 6)
    assert not contents.truncated
    assert b"".join(opened.read(contents, 0, contents.octets)) == b"".join(CHUNKS)


def test_a_player_may_begin_anywhere() -> None:
    data = b"".join(sealed())
    opened, sound = reader(data), b"".join(CHUNKS)
    contents = opened.measure(len(data))
    for offset, length in ((0, 1), (99, 2), (100, 100), (250, 90), (339, 1), (300, 1000)):
        assert b"".join(opened.read(contents, offset, length)) == sound[offset : offset + length]


@pytest.mark.parametrize("chunks", range(5))
def test_a_file_cut_anywhere_reads_up_to_its_last_whole_chunk(chunks: int) -> None:
    parts = sealed()
    whole = b"".join(parts[: chunks + 1])
    for torn in {0, 1, 5, len(parts[chunks + 1]) - 1}:
        data = whole + parts[chunks + 1][:torn]
        contents = reader(data).verify(len(data))
        assert contents.truncated
        assert (contents.chunks, contents.end) == (chunks, len(whole))


def test_zeros_that_a_power_loss_left_behind_are_no_chunk() -> None:
    data = b"".join(sealed(closed=False)) + bytes(500)
    contents = reader(data).verify(len(data))
    assert contents.truncated
    assert contents.chunks == 4


def test_a_file_that_says_it_is_cut_short_is_truncated() -> None:
    sealer = Sealer(KEY, HEADER)
    last = sealer.close(Closing(1, 100, 0, truncated=True, reason="disk_full"))
    data = sealer.head + sealer.chunk(0, CHUNKS[0]) + last
    contents = reader(data).verify(len(data))
    assert contents.truncated
    assert contents.closing is not None
    assert contents.closing.reason == "disk_full"


def test_chunks_that_were_swapped_or_repeated_do_not_open() -> None:
    head, first, second, third, last, closing = sealed()
    assert fault(head + second + first + third + last + closing) == "damaged"
    assert fault(head + first + first + third + last + closing) == "damaged"


def test_a_chunk_missing_in_the_middle_is_noticed() -> None:
    head, first, _, third, last, closing = sealed()
    assert fault(head + first + third + last + closing) == "damaged"
    assert fault(head + first + third) == "damaged"


def test_a_chunk_of_another_file_does_not_open() -> None:
    head, _, *rest = sealed()
    other = sealed(header=replace(HEADER, salt=b"another salt 16."))[1]
    assert fault(head + other + b"".join(rest)) == "damaged"


def test_every_changed_octet_is_noticed() -> None:
    data = b"".join(sealed())
    size = len(data)
    for place in range(0, size, 7):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            contents = reader(changed).verify(size)
        except RecordingFault:
            continue
        # A changed length makes the rest look torn off: never whole, never other sound.
        assert contents.truncated
        kept = b"".join(reader(changed).read(contents, 0, contents.octets))
        assert b"".join(CHUNKS).startswith(kept)


def test_a_header_that_was_rewritten_opens_nothing() -> None:
    head, *rest = sealed()
    forged = Sealer(KEY, replace(HEADER, call_id="c2")).head
    assert fault(forged + b"".join(rest)) == "damaged"


def test_what_follows_the_closing_chunk_is_noticed() -> None:
    assert fault(b"".join(sealed()) + b"more") == "damaged"


def test_another_key_is_named_as_the_reason() -> None:
    assert fault(b"".join(sealed()), bytes(32)) == "other_key"


def test_a_new_key_leaves_what_the_old_one_sealed_readable() -> None:
    """Each file names its key, whatever their order."""
    new = bytes(32)
    for key in (KEY, new):
        data = b"".join(sealed(key=key))
        for keys in ((new, KEY), (KEY, new)):
            opened = Reader(lambda offset, length, data=data: data[offset : offset + length], keys)
            assert opened.verify(len(data)).octets == 340


def test_a_file_goes_on_under_the_key_it_was_begun_with() -> None:
    open_end = b"".join(sealed(closed=False))
    opened = Reader(lambda offset, length: open_end[offset : offset + length], (bytes(32), KEY))
    data = open_end + opened.sealer().close(Closing(len(CHUNKS), 340, 6))
    assert reader(data).verify(len(data)).closing is not None


@pytest.mark.parametrize(
    "data", [b"", b"RIFF....WAVEfmt ", b"AGDREC1\n", b"AGDREC1\n\x00\x02[]", b"AGDREC1\n\xff\xff{"]
)
def test_other_files_are_refused(data: bytes) -> None:
    assert fault(data) == "not_a_recording"


def test_the_paused_time_of_a_file_cut_short_is_in_its_chunks() -> None:
    data = b"".join(sealed(closed=False))
    assert reader(data).paused_ms(4) == 0 + 1 + 2 + 3


def test_no_sound_and_no_key_can_be_read_in_the_file() -> None:
    data = b"".join(sealed())
    assert all(sound[:20] not in data for sound in CHUNKS)
    assert KEY not in data


def test_the_format_loads_neither_asyncio_nor_a_framework() -> None:
    names = ("asyncio", "flask", "eventlet", "aiortc", "sqlalchemy", "numpy")
    probe = (
        f"import sys, softphone.recording_file; print(*[n for n in {names} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
