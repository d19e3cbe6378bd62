"""Tables written as text: encoding and separator guessed from the head, rows read as a stream.

CP932 and EUC-JP look alike to a computer: nearly every text in EUC-JP is also one in CP932, made
of half-width kana nobody meant. So what is decodable is not enough; the reading whose headings we
know, and then the one with fewer oddities, is taken, and the person sees it and may say otherwise.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from agent_desk.services.errors import ServiceError

ENCODINGS = ("utf-8-sig", "cp932", "euc_jp")
DELIMITERS = (",", "\t", ";", "|")
HEAD = 256 * 1024  # bytes a guess rests on
LONGEST_CELL = 128 * 1024  # characters; beyond, the whole file is refused
LONGEST_LINE = 1024 * 1024
_MOST_NULS = 20  # in the first thousand characters; with more it is no text
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_ODD = re.compile("[\ue000-\uf8ff\x80-\x9f\ufffd\udc80-\udcff]")
_KANA = re.compile("[ぁ-ヶ]")


@dataclass(frozen=True)
class TextShape:
    """How a file of text is read: Python's name of the encoding, and the character between."""

    encoding: str
    delimiter: str


def guess(head: bytes, headings_known: Callable[[list[str]], int]) -> TextShape:
    """How a file that begins so is read; ServiceError import-encoding, import-empty.

    `headings_known` counts the headings of a row that somebody knows.
    """
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ServiceError("import-empty")
    found = []
    for encoding in ENCODINGS:
        text = _decoded(head, encoding)
        odd = len(_ODD.findall(text))
        if text[:1000].count("\0") > _MOST_NULS or odd > max(2, len(text) // 50):
            continue
        if encoding == "utf-8-sig" and not odd:  # nothing else is UTF-8 by chance
            return TextShape(encoding, guess_delimiter(text))
        delimiter = guess_delimiter(text)
        known = headings_known(next(iter(_parsed(text, delimiter)), []))
        found.append((-known, odd, _strangeness(text, encoding), TextShape(encoding, delimiter)))
    if not found:
        raise ServiceError("import-encoding")
    return min(found, key=lambda each: each[:3])[3]


def guess_delimiter(text: str) -> str:
    """The character that cuts the first lines into the same number of columns, and many of them."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _parsed(text, delimiter)][:20]
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if (alike, widths[0]) > best_score:
            best, best_score = delimiter, (alike, widths[0])
    return best


def rows(stream: BinaryIO, shape: TextShape) -> Iterator[tuple[int, list[str]]]:
    """Number (from 1, the heading) and cells of each row; blank lines before it are passed over.

    Bytes that are no characters of the encoding come as lone surrogates. ServiceError
    import-cell-too-large: a cell or line nobody can have meant, an open quote for example.
    """
    text = io.TextIOWrapper(stream, shape.encoding, errors="surrogateescape", newline="")
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_lines(text), delimiter=shape.delimiter)
    number = 0
    with text:
        try:
            for cells in reader:
                if number or any(cell.strip() for cell in cells):
                    number += 1
                    yield number, cells
        except csv.Error:
            raise ServiceError("import-cell-too-large", row=number + 1) from None


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ServiceError("import-cell-too-large", row=number)
        yield line


def _decoded(head: bytes, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
    return decoder.decode(head, final=len(head) < HEAD)


def _strangeness(text: str, encoding: str) -> int:
    """Kana of half width for CP932, which EUC-JP reads as; 0 where real kana stand."""
    if encoding == "euc_jp":
        return 1 if not _KANA.search(text) else 0
    return len(_HALF_WIDTH.findall(text))


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """The first rows of a text; an unfinished last line does not count."""
    lines = [line for line in text[:40_000].splitlines(keepends=True) if line.strip()][:21]
    csv.field_size_limit(LONGEST_CELL)
    try:
        return [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return []
