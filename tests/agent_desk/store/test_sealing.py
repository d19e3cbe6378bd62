"""Sealing of personal data and the keys it is found by."""

from __future__ import annotations

import pytest

from agent_desk.store.sealing import CannotOpen, Sealer, key_id

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


def test_what_is_sealed_opens_and_shows_nothing() -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    sealed = sealer.seal("山田 太郎")
    assert sealer.open(sealed) == "山田 太郎"
    assert "山田".encode() not in sealed


def test_the_same_text_is_never_sealed_alike() -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    assert sealer.seal("a") != sealer.seal("a")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = Sealer.of_keys([OLD], INDEX).seal("a")
    sealer = Sealer.of_keys([NEW, OLD], INDEX)
    assert sealer.open(before) == "a"
    assert sealer.seal("a")[:4] == key_id(NEW)


def test_a_value_of_an_unknown_key_names_the_key() -> None:
    sealed = Sealer.of_keys([OLD], INDEX).seal("a")
    with pytest.raises(CannotOpen, match=key_id(OLD).hex()):
        Sealer.of_keys([NEW], INDEX).open(sealed)


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    sealed = bytearray(sealer.seal("a long enough text"))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        sealer.open(bytes(sealed))


def test_keys_are_stable_and_kinds_apart() -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    assert sealer.number_key("+81901") == Sealer.of_keys([OLD], INDEX).number_key("+81901")
    assert len(sealer.number_key("+81901")) == 32
    assert sealer.number_key("x") != sealer.name_key("x") != sealer.kana_key("x")
    assert sealer.number_key("+81901") != Sealer.of_keys([NEW], b"j" * 32).number_key("+81901")


def test_a_name_is_found_by_its_beginning_and_a_reading_by_its_prefixes() -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    assert sealer.search_key("kana-prefix", "ヤマ") in sealer.kana_keys("ヤマダタロウ")
    assert sealer.search_key("kana-prefix", "マダ") not in sealer.kana_keys("ヤマダタロウ")
    assert sealer.search_key("name-prefix", "山田") in sealer.name_keys("山田太郎")
    assert sealer.kana_keys("") == ()


def test_nothing_stays_nothing() -> None:
    sealer = Sealer.of_keys([NEW], INDEX)
    assert sealer.open_optional(None) is None
    assert sealer.open_optional(sealer.seal("a")) == "a"
