"""A session description as its lines, no more of them than can be read while calls wait."""

from __future__ import annotations

LONGEST, MOST_LINES = 32_768, 1000  # the longest of carriers have some 4,000 characters


class SdpError(ValueError):
    """The description cannot be used: unreadable, no audio, or no codec in common."""


def split_lines(text: str) -> list[str]:
    """The lines without their ends. Raises SdpError for more than a description can have."""
    lines = text.replace("\r\n", "\n").split("\n")
    if len(text) > LONGEST or len(lines) > MOST_LINES:
        raise SdpError("a description too long to be one")
    return lines


def read_number(text: str, *, most: int) -> int | None:
    """A plain number, or None. Digits are counted first: Python refuses five thousand of them."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return int(text) if digits and int(text) <= most else None
