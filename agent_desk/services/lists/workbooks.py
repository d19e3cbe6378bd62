"""XLSX workbooks read as a stream, by a small reader of our own that trusts nothing in them.

A workbook is a zip of XML, and both can be built to hurt: megabytes that unpack to terabytes,
entities that multiply, a million sheets. So the zip's directory is measured before it is read,
each part is unpacked in pieces that are counted, a document type ends the reading, and nothing is
kept but the shared strings, within bounds. Macros, links and drawings are never looked at.

What a cell says is what a person sees in it, as far as that can be told without guessing
(`workbook_cells.py`): dates as dates, and leading zeros where the cell's own format shows them.
"""

from __future__ import annotations

import io
import struct
import xml.parsers.expat
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.workbook_cells import CellFormats

MAGIC = b"PK\x03\x04"
OLD_MAGIC = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password
LARGEST_WORKBOOK = 128 * 1024 * 1024
MOST_PARTS = 2_000
LARGEST_DIRECTORY = 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_RATIO = 200
RATIO_FROM = 1024 * 1024  # small parts may be as dense as they like
MOST_STRINGS = 128 * 1024 * 1024  # bytes of shared strings
MOST_COLUMNS = 300
LONGEST_KEPT = 10_001  # characters of a cell; one more than a row may have
_LONGEST_TOKEN = 4 * 1024 * 1024
_PIECE = 64 * 1024

Handler = Callable[[str, Mapping[str, str]], None]


class Workbook:
    """One workbook; ServiceError import-workbook-unsafe, import-workbook-broken."""

    def __init__(self, stream: BinaryIO) -> None:
        _measure(stream)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise ServiceError("import-workbook-broken") from None
        if len(self._zip.infolist()) > MOST_PARTS:
            raise ServiceError("import-workbook-unsafe", reason="parts")
        self._unpacked = 0
        self._paths = self._sheet_paths()
        if not self._paths:
            raise ServiceError("import-workbook-broken")

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets somebody can see, in their order."""
        return tuple(self._paths)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Number (from 1, the heading) and cells of each row that says anything."""
        if sheet not in self._paths:
            raise ServiceError("import-sheet-unknown")
        strings = self._strings()
        reader = _SheetReader(strings, self._formats)
        number = 0
        for _ in self._parse(self._paths[sheet], reader):
            for cells in reader.taken():
                number += 1
                yield number, cells

    # --- the parts -----------------------------------------------------------------------------

    def _sheet_paths(self) -> dict[str, str]:
        targets: dict[str, str] = {}
        sheets: list[tuple[str, str]] = []
        self._formats = CellFormats()

        def relation(tag: str, of: Mapping[str, str]) -> None:
            if tag == "Relationship" and of.get("TargetMode") != "External":
                targets[of.get("Id", "")] = of.get("Target", "")

        def sheet(tag: str, of: Mapping[str, str]) -> None:
            if tag == "workbookPr":
                self._formats.from_1904 = of.get("date1904") in ("1", "true")
            if tag == "sheet" and of.get("state", "visible") == "visible":
                key = next((value for name, value in of.items() if name.endswith(":id")), "")
                sheets.append((of.get("name", ""), key))

        self._walk("xl/_rels/workbook.xml.rels", relation)
        self._walk("xl/workbook.xml", sheet)
        if "xl/styles.xml" in self._zip.NameToInfo:
            self._walk("xl/styles.xml", self._formats.element)
        found = {name: _path(targets.get(key, "")) for name, key in sheets}
        return {name: path for name, path in found.items() if path in self._zip.NameToInfo}

    def _strings(self) -> _Strings:
        strings = _Strings()
        if "xl/sharedStrings.xml" in self._zip.NameToInfo:
            for _ in self._parse("xl/sharedStrings.xml", strings):
                strings.check()
        return strings

    def _walk(self, path: str, handle: Handler) -> None:
        walker = _Walker(handle)
        for _ in self._parse(path, walker):
            pass

    def _parse(self, path: str, into: _Walker | _Strings | _SheetReader) -> Iterator[None]:
        """Feed a part to its reader, a piece between two yields."""
        parser = xml.parsers.expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = into.start
        parser.EndElementHandler = into.end
        parser.CharacterDataHandler = into.text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        fed = 0
        try:
            for piece in self._unpack(path):
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise ServiceError("import-workbook-unsafe", reason="token")
                yield
            parser.Parse(b"", True)
        except xml.parsers.expat.ExpatError:
            raise ServiceError("import-workbook-broken") from None
        yield

    def _unpack(self, path: str) -> Iterator[bytes]:
        info = self._zip.NameToInfo.get(path)
        if info is None or info.flag_bits & 1:
            raise ServiceError("import-workbook-broken")
        done = 0
        try:
            with self._zip.open(info) as part:
                while piece := part.read(_PIECE):
                    done += len(piece)
                    self._unpacked += len(piece)
                    dense = done > RATIO_FROM and done > MOST_RATIO * max(1, info.compress_size)
                    if dense or self._unpacked > MOST_UNPACKED:
                        raise ServiceError("import-workbook-unsafe", reason="unpacked")
                    yield piece
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error):
            raise ServiceError("import-workbook-broken") from None


class _Walker:
    """Tells of elements, not of text."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def start(self, tag: str, of: dict[str, str]) -> None:
        self._handle(_local(tag), of)

    def end(self, tag: str) -> None:
        """Nothing follows from it."""

    def text(self, data: str) -> None:
        """Nothing follows from it."""


class _Strings:
    """The shared strings, packed: a million of them must not be a million objects."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._phonetic = 0
        self._in_text = False

    def __getitem__(self, index: int) -> str:
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def check(self) -> None:
        """ServiceError when they become too many."""
        if len(self._bytes) + 8 * len(self._ends) > MOST_STRINGS:
            raise ServiceError("import-workbook-unsafe", reason="strings")

    def start(self, tag: str, of: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "rPh":  # how the kanji are read: beside the text, not in it
            self._phonetic += 1
        self._in_text = tag == "t" and not self._phonetic

    def end(self, tag: str) -> None:
        tag = _local(tag)
        self._in_text = False
        if tag == "rPh":
            self._phonetic -= 1
        elif tag == "si":
            self._ends.append(len(self._bytes))

    def text(self, data: str) -> None:
        if self._in_text and len(self._bytes) - self._ends[-1] < 4 * LONGEST_KEPT:
            self._bytes += data.encode("utf-8", "replace")


class _SheetReader:
    """Turns a sheet's elements into rows of texts."""

    def __init__(self, strings: _Strings, formats: CellFormats) -> None:
        self._strings = strings
        self._formats = formats
        self._rows: list[list[str]] = []
        self._cells: list[str] = []
        self._column = -1
        self._kind = self._style = ""
        self._value: list[str] = []
        self._length = 0
        self._phonetic = 0
        self._reading = False

    def taken(self) -> list[list[str]]:
        """The rows that were finished since it was asked last."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, of: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "c":
            self._column = _column(of["r"]) if "r" in of else self._column + 1
            if self._column >= MOST_COLUMNS:
                raise ServiceError("import-too-many-columns", columns=MOST_COLUMNS)
            self._kind, self._style = of.get("t", "n"), of.get("s", "0")
            self._value, self._length = [], 0
        elif tag == "row":
            self._cells, self._column = [], -1
        elif tag == "rPh":
            self._phonetic += 1
        self._reading = tag == "v" or (tag == "t" and not self._phonetic)

    def end(self, tag: str) -> None:
        tag = _local(tag)
        self._reading = False
        if tag == "c":
            self._cells.extend([""] * (self._column + 1 - len(self._cells)))
            self._cells[self._column] = self._shown()
        elif tag == "rPh":
            self._phonetic -= 1
        elif tag == "row" and any(cell.strip() for cell in self._cells):
            self._rows.append(self._cells)

    def text(self, data: str) -> None:
        if self._reading and self._length < LONGEST_KEPT:
            self._length += len(data)
            self._value.append(data)

    def _shown(self) -> str:
        value = "".join(self._value)[:LONGEST_KEPT]
        if self._kind == "s":
            index = int(value) if value.isdecimal() else -1
            return self._strings[index] if 0 <= index < len(self._strings) else ""
        if self._kind == "n":
            return self._formats.shown(value, self._style)
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return value


def _measure(stream: BinaryIO) -> None:
    """Refuse a zip whose directory is too long before anything reads it."""
    size = stream.seek(0, io.SEEK_END)
    if size > LARGEST_WORKBOOK:
        raise ServiceError("import-too-large", bytes=LARGEST_WORKBOOK)
    start = stream.seek(max(0, size - 66_000))
    tail = stream.read(size - start)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise ServiceError("import-workbook-broken")
    parts, length = struct.unpack_from("<HL", tail, place + 10)
    if parts > MOST_PARTS or length > LARGEST_DIRECTORY or b"PK\x06\x07" in tail:
        raise ServiceError("import-workbook-unsafe", reason="directory")
    stream.seek(0)


def _refuse_doctype(*_: object) -> None:
    raise ServiceError("import-workbook-unsafe", reason="doctype")


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _path(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _column(reference: str) -> int:
    """The column of `AB12`, from 0."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number - 1
