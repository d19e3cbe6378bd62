"""Binding messages as octets: aioice reads ours and we read aioice's."""

from __future__ import annotations

import pytest
from aioice import stun

from softphone.webrtc import binding

KEY, TRANSACTION = b"the password of this leg", bytes(range(12))


def message(kind: stun.Class, **attributes: object) -> stun.Message:
    names = {name.replace("_", "-"): value for name, value in attributes.items()}
    return stun.Message(stun.Method.BINDING, kind, TRANSACTION, names)


def packed(attributes: stun.Message) -> bytes:
    return binding.attributes_of(bytes(attributes))


def test_our_request_is_the_one_aioice_would_make() -> None:
    theirs = message(stun.Class.REQUEST, USERNAME="ours:theirs", PRIORITY=7, ICE_CONTROLLED=9)
    attributes = packed(theirs)
    theirs.add_message_integrity(KEY)
    assert binding.request(attributes, TRANSACTION, KEY) == bytes(theirs)


@pytest.mark.parametrize("address", [("192.0.2.7", 40_001), ("2001:db8::7", 40_001)])
def test_our_answer_is_the_one_aioice_would_make(address: tuple[str, int]) -> None:
    theirs = message(stun.Class.RESPONSE, XOR_MAPPED_ADDRESS=address)
    theirs.add_message_integrity(KEY)
    answer = binding.success(TRANSACTION, address, KEY)
    assert answer == bytes(theirs)
    assert binding.is_success(answer)
    assert binding.transaction_of(answer) == TRANSACTION


def test_the_attributes_of_a_signed_request_are_found() -> None:
    theirs = message(stun.Class.REQUEST, USERNAME="a:b", USE_CANDIDATE=None)
    attributes = packed(theirs)
    theirs.add_message_integrity(KEY)
    assert binding.asked(bytes(theirs)) == attributes
    assert binding.asked(binding.success(TRANSACTION, ("192.0.2.7", 9), KEY)) == b""
    assert binding.asked(bytes(theirs)[:52]) == b""
    del theirs.attributes["FINGERPRINT"]  # then the last octets are not what they seem
    assert binding.asked(bytes(theirs)) == b""


def test_only_the_right_key_over_every_octet_is_a_signature() -> None:
    signed = binding.request(b"\0\x06\0\x03a:b\0", TRANSACTION, KEY)
    assert binding.is_signed(signed, KEY)
    assert not binding.is_signed(signed, b"another password")
    for at in range(len(signed) - 8):  # but for the length and the fingerprint, which cover nothing
        if at in (2, 3):
            continue
        changed = bytearray(signed)
        changed[at] ^= 1
        assert not binding.is_signed(bytes(changed), KEY), at


@pytest.mark.parametrize("length", range(0, 52))
def test_a_torn_message_is_not_signed(length: int) -> None:
    signed = binding.request(b"\0\x06\0\x03a:b\0", TRANSACTION, KEY)
    assert not binding.is_signed(signed[:length], KEY)
