"""Words: what the codes in the columns stand for, sealed, in the order they were first met.

A column holds numbers; which word a number stands for is kept here, in namespaces (`outcome`,
`field:地域`, …). Some of these words are personal data, so the file is sealed like the rows it was
made from: each addition is one sealed record, bound to its place in the file. Codes are never given
anew; 0 is nothing at all. A word that is to be forgotten leaves its code behind, which then stands
for no word, in another file.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from agent_desk.store.sealing import Sealer

_LENGTH = struct.Struct(">I")
NOTHING = ""
FORGOTTEN = "\x00forgotten "  # before the code, where there was a word


class Words:
    """The words of all namespaces; new ones are kept by `save`, before codes of them are."""

    def __init__(self, path: Path, sealer: Sealer, *, known_bytes: int | None = None) -> None:
        """Read what is there, up to `known_bytes`: what was written after the last commit of a
        writer that died is forgotten. None: everything whole. Raises `sealing.CannotOpen`."""
        self._path = path
        self._sealer = sealer
        self._codes: dict[str, dict[str, int]] = {}
        self._words: dict[str, list[str]] = {}
        self._new: dict[str, list[str]] = {}
        self.bytes = 0  # as far as the file is read
        self._limit = known_bytes
        self.follow(known_bytes)

    def follow(self, known_bytes: int | None) -> None:
        """Read what another process has added since."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self.bytes)
            while known_bytes is None or self.bytes < known_bytes:
                begun = file.read(_LENGTH.size)
                if len(begun) < _LENGTH.size:
                    break
                (length,) = _LENGTH.unpack(begun)
                sealed = file.read(length)
                if len(sealed) < length:
                    break
                said = json.loads(self._sealer.open_bytes(sealed, b"%d" % self.bytes))
                for namespace, words in said.items():
                    for word in words:
                        self._add(namespace, word)
                self.bytes += _LENGTH.size + length

    def code(self, namespace: str, word: str) -> int:
        """Its code, a new one when it was never met."""
        if word == NOTHING:
            return 0
        found = self._codes.setdefault(namespace, {}).get(word)
        if found is not None:
            return found
        self._new.setdefault(namespace, []).append(word)
        return self._add(namespace, word)

    def code_of_most(self, namespace: str, word: str, most: int, rest: str) -> int:
        """Its code; that of `rest` for a new word where there are so many already."""
        if word in self._codes.get(namespace, ()) or len(self._words.get(namespace, ())) < most:
            return self.code(namespace, word)
        return self.code(namespace, rest)

    def codes(self, namespace: str, words: Iterable[str | None]) -> list[int]:
        """The codes of many words; None is nothing."""
        known = self._codes.setdefault(namespace, {NOTHING: 0})
        return [
            found
            if (found := known.get(word or NOTHING)) is not None
            else self.code(namespace, word or NOTHING)
            for word in words
        ]

    def known(self, namespace: str) -> Mapping[str, int]:
        """The codes of the namespace, without nothing."""
        return {word: code for word, code in self._codes.get(namespace, {}).items() if code}

    def of(self, namespace: str) -> list[str]:
        """By code; the first is nothing."""
        return [NOTHING, *self._words.get(namespace, [])]

    def namespaces(self) -> list[str]:
        """All there are."""
        return sorted(self._words)

    def save(self) -> None:
        """Keep the new words durably."""
        if not self._new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._new, ensure_ascii=False).encode()
        sealed = self._sealer.seal_bytes(text, b"%d" % self.bytes)
        fresh = not self._path.exists()
        with self._path.open("r+b" if not fresh else "wb") as file:
            file.truncate(self.bytes)  # what a writer left that died before its commit
            file.seek(self.bytes)
            file.write(_LENGTH.pack(len(sealed)) + sealed)
            file.flush()
            os.fsync(file.fileno())
        self.bytes += _LENGTH.size + len(sealed)
        self._new = {}

    def without(self, path: Path, said: Mapping[str, Collection[int]]) -> Words:
        """The same in another file, of the namespaces in `said` only the words of those codes."""
        path.unlink(missing_ok=True)
        kept = Words(path, self._sealer)
        for namespace, words in self._words.items():
            for code, word in enumerate(words, start=1):
                stays = namespace not in said or code in said[namespace]
                kept.code(namespace, word if stays else f"{FORGOTTEN}{code}")
        kept.save()
        return kept

    def _add(self, namespace: str, word: str) -> int:
        words = self._words.setdefault(namespace, [])
        words.append(word)
        code = len(words)
        self._codes.setdefault(namespace, {NOTHING: 0})[word] = code
        return code
