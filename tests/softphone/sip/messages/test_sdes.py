"""SRTP keys in descriptions: offered, answered, kept through re-offers, never shown."""

from __future__ import annotations

import base64

import pytest

from softphone.sip.calls.negotiation import Negotiation
from softphone.sip.messages.sdes import KEY_OCTETS, SUITE, CryptoLine, read_crypto
from softphone.sip.messages.sdp import SdpError, answer_audio, narrow_audio, offer_audio, read_audio

OURS, THEIRS = CryptoLine(1, b"o" * KEY_OCTETS), CryptoLine(1, b"t" * KEY_OCTETS)
CODECS = ("PCMU", "PCMA")


def offer(*, secure: bool, crypto: CryptoLine | None = OURS) -> str:
    return offer_audio(host="192.0.2.1", port=4000, session_id=1, crypto=crypto, secure=secure)


def answer(to: str, *, secure: bool = False, crypto: CryptoLine | None = THEIRS) -> str:
    host, port = "192.0.2.2", 5000
    return answer_audio(to, host=host, port=port, session_id=2, crypto=crypto, secure=secure)


@pytest.mark.parametrize("secure", [True, False])
def test_both_sides_learn_each_others_key(secure: bool) -> None:
    offered = offer(secure=secure)
    assert ("RTP/SAVP" in offered) is secure
    answered = answer(offered)
    assert ("RTP/SAVP" in answered) is secure
    assert read_audio(offered).crypto == OURS and read_audio(answered).crypto == THEIRS


def test_an_offer_of_srtp_alone_is_refused_by_who_has_none() -> None:
    with pytest.raises(SdpError):
        answer(offer(secure=True), crypto=None)


def test_an_optional_key_is_left_aside_by_who_has_none() -> None:
    answered = answer(offer(secure=False), crypto=None)
    assert "crypto" not in answered and "RTP/AVP" in answered


def test_who_requires_srtp_refuses_an_offer_in_clear() -> None:
    with pytest.raises(SdpError):
        answer(offer(secure=False, crypto=None), secure=True)


def test_the_answer_carries_the_tag_of_the_line_it_took() -> None:
    other = f"a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:{'A' * 40}\r\na=crypto:2 "
    answered = answer(offer(secure=True).replace("a=crypto:1 ", other))
    assert "a=crypto:2 AES_CM_128_HMAC_SHA1_80" in answered


def test_an_answer_in_clear_to_an_offer_of_srtp_alone_opens_no_call() -> None:
    media = Negotiation(offer(secure=True), CODECS)
    clear = answer(offer(secure=False, crypto=None))
    with pytest.raises(SdpError):
        media.agree(clear)
    media.agree(answer(offer(secure=True)))
    assert media.codec == "PCMU"


def test_a_re_offer_is_answered_with_our_key_and_its_new_one_is_handed_on() -> None:
    media = Negotiation(offer(secure=True), CODECS)
    media.agree(answer(offer(secure=True)))
    fresh = offer(secure=True, crypto=CryptoLine(1, b"n" * KEY_OCTETS))
    ours = media.answer(fresh)
    assert read_audio(ours).crypto == OURS
    assert read_audio(media.take(fresh, agreed=ours)).crypto == CryptoLine(1, b"n" * KEY_OCTETS)


def test_a_re_offer_in_clear_does_not_undo_srtp() -> None:
    media = Negotiation(offer(secure=True), CODECS)
    media.agree(answer(offer(secure=True)))
    with pytest.raises(SdpError):
        media.answer(offer(secure=False, crypto=None))
    assert media.take(offer(secure=False, crypto=None)) == ""


def test_a_narrowed_description_keeps_key_and_profile() -> None:
    narrowed = read_audio(narrow_audio(offer(secure=True), "PCMA"))
    assert narrowed.secure and narrowed.crypto == OURS and narrowed.codec == "PCMA"


@pytest.mark.parametrize(
    "line",
    [
        "crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{key}",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20|1:4",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key} UNENCRYPTED_SRTP",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{short}",
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:!!!!",
        "crypto:x AES_CM_128_HMAC_SHA1_80 inline:{key}",
        "crypto:1 AES_CM_128_HMAC_SHA1_80",
        "crypto:",
    ],
)
def test_a_line_that_asks_for_what_we_do_not_do_is_left_aside(line: str) -> None:
    key, short = (base64.b64encode(b"k" * size).decode() for size in (KEY_OCTETS, 16))
    assert read_crypto([line.format(key=key, short=short)]) is None


def test_a_lifetime_is_no_obstacle() -> None:
    key = base64.b64encode(b"k" * KEY_OCTETS).decode()
    found = read_crypto(["ptime:20", f"crypto:7 {SUITE.lower()} inline:{key}|2^31"])
    assert found == CryptoLine(7, b"k" * KEY_OCTETS)


def test_a_key_is_not_shown() -> None:
    assert "ooo" not in repr(OURS) + repr(read_audio(offer(secure=True)))
