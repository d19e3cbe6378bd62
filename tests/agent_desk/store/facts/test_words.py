"""Words keep their codes, are sealed, and forget what was never committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_desk.store.facts.words import Words
from agent_desk.store.sealing import CannotOpen, Sealer
from tests.agent_desk.store.desk_rows import SEALER


def test_words_have_the_same_codes_after_a_restart(tmp_path: Path) -> None:
    words = Words(tmp_path / "words", SEALER)
    assert words.codes("地域", ["東京", None, "大阪", "東京", ""]) == [1, 0, 2, 1, 0]
    words.save()
    words.code("outcome", "busy")
    words.save()
    again = Words(tmp_path / "words", SEALER)
    assert again.of("地域") == ["", "東京", "大阪"]
    assert again.codes("地域", ["福岡", "大阪"]) == [3, 2]
    assert again.known("outcome") == {"busy": 1}
    assert again.namespaces() == ["outcome", "地域"]


def test_no_word_can_be_read_in_the_file(tmp_path: Path) -> None:
    words = Words(tmp_path / "words", SEALER)
    words.code("city", "Nagasaki")
    words.save()
    data = (tmp_path / "words").read_bytes()
    assert b"Nagasaki" not in data and b"city" not in data
    stranger = Sealer.of_keys([b"x" * 32], b"y" * 32)
    with pytest.raises(CannotOpen):
        Words(tmp_path / "words", stranger)


def test_what_was_added_after_the_last_commit_is_forgotten(tmp_path: Path) -> None:
    words = Words(tmp_path / "words", SEALER)
    words.code("n", "first")
    words.save()
    committed = words.bytes
    words.code("n", "lost")
    words.save()
    again = Words(tmp_path / "words", SEALER, known_bytes=committed)
    assert again.of("n") == ["", "first"]
    again.code("n", "other")
    again.save()
    assert Words(tmp_path / "words", SEALER).of("n") == ["", "first", "other"]


def test_half_a_record_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "words"
    words = Words(path, SEALER)
    words.code("n", "first")
    words.save()
    whole = path.read_bytes()
    for cut in (1, 3, 20):
        path.write_bytes(whole + whole[:cut])
        assert Words(path, SEALER).of("n") == ["", "first"]


def test_a_reader_follows_what_a_writer_adds(tmp_path: Path) -> None:
    writer = Words(tmp_path / "words", SEALER)
    reader = Words(tmp_path / "words", SEALER)
    for word in ("one", "two"):
        writer.code("n", word)
        writer.save()
        reader.follow(writer.bytes)
    assert reader.of("n") == ["", "one", "two"]
