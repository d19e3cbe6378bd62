"""Reading offers of browsers, of the careless and of the hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.webrtc.offer import (
    BadOffer,
    Fingerprint,
    OfferedCandidate,
    PeerParameters,
    choose_codec,
    parse_offer,
    write_answer,
)

DIGEST = ":".join(["AB"] * 32)
# The shape of a Chromium offer: session-level attributes, many codecs, header extensions.
CHROMIUM = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS 6b1c",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 3f1c.local 50000 typ host generation 0",
        "a=ice-ufrag:Xf3k",
        "a=ice-pwd:asd88fgpdd777uzjYhagZg1Q",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {DIGEST}",
        "a=setup:actpass",
        "a=mid:0",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=sendrecv",
        "a=msid:6b1c 9a2e",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:110 telephone-event/48000",
        "a=rtpmap:126 telephone-event/8000",
        "a=ssrc:12 cname:x",
        "",
    ]
)
LOCAL = PeerParameters("ours", "p" * 22, (Fingerprint("sha-256", DIGEST),))


def answer_to(sdp: str) -> list[str]:
    offer = parse_offer(sdp)
    return write_answer(
        offer,
        codec=choose_codec(offer, ("PCMU", "PCMA")),
        local=LOCAL,
        candidates=[OfferedCandidate("192.0.2.1", 40001), OfferedCandidate("fd00::2", 40003)],
        ssrc=5,
    ).split("\r\n")


def test_a_browsers_offer_is_understood() -> None:
    offer = parse_offer(CHROMIUM)
    assert offer.payload_types == {"PCMU": 0, "PCMA": 8}
    assert offer.peer.username == "Xf3k"
    assert offer.peer.fingerprints == (Fingerprint("sha-256", DIGEST),)
    assert (offer.mid, offer.our_role) == ("0", "client")


def test_the_answer_takes_one_law_and_the_active_part() -> None:
    answer = answer_to(CHROMIUM)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 0" in answer
    assert "a=setup:active" in answer
    assert "a=rtcp-mux" in answer
    candidates = [line for line in answer if line.startswith("a=candidate:")]
    assert [line.split()[4:6] for line in candidates] == [
        ["192.0.2.1", "40001"],
        ["fd00::2", "40003"],
    ]
    priorities = [int(line.split()[3]) for line in candidates]
    assert priorities == sorted(priorities, reverse=True)


def test_an_offer_that_is_active_gets_a_passive_answer() -> None:
    assert "a=setup:passive" in answer_to(CHROMIUM.replace("setup:actpass", "setup:active"))


def test_the_preferred_law_decides() -> None:
    offer = parse_offer(CHROMIUM)
    assert choose_codec(offer, ("PCMA", "PCMU")) == "PCMA"


def test_laws_may_have_dynamic_payload_types() -> None:
    sdp = CHROMIUM.replace("9 0 8 13", "9 96 13").replace("rtpmap:0 PCMU", "rtpmap:96 pcmu")
    assert parse_offer(sdp).payload_types == {"PCMU": 96}


def test_static_payload_types_need_no_rtpmap() -> None:
    sdp = CHROMIUM.replace("a=rtpmap:0 PCMU/8000\r\n", "").replace("a=rtpmap:8 PCMA/8000\r\n", "")
    assert parse_offer(sdp).payload_types == {"PCMU": 0, "PCMA": 8}


def test_credentials_may_stand_at_session_level() -> None:
    line = f"a=fingerprint:sha-256 {DIGEST}\r\n"
    sdp = CHROMIUM.replace(line, "").replace("a=group:BUNDLE 0\r\n", "a=group:BUNDLE 0\r\n" + line)
    assert parse_offer(sdp).peer.fingerprints


def test_other_media_are_refused_in_their_place() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\na=sendrecv\r\n"
    answer = answer_to(CHROMIUM.replace("m=audio", video + "m=audio"))
    sections = [line for line in answer if line.startswith("m=")]
    assert sections == ["m=video 0 UDP/TLS/RTP/SAVPF 96 97", "m=audio 9 UDP/TLS/RTP/SAVPF 0"]
    assert "a=group:BUNDLE 0" in answer
    assert "a=mid:v" in answer


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("m=audio", "m=video", "no audio"),
        ("a=rtcp-mux\r\n", "", "multiplex"),
        ("111 63 9 0 8 13 110 126", "111 63", "neither PCMU nor PCMA"),
        ("a=ice-ufrag:Xf3k\r\n", "", "ice-ufrag"),
        ("a=ice-ufrag:Xf3k", "a=ice-ufrag:X f", "characters"),
        ("a=ice-pwd:asd88fgpdd777uzjYhagZg1Q\r\n", "", "ice-pwd"),
        (f"a=fingerprint:sha-256 {DIGEST}\r\n", "", "fingerprint"),
        (DIGEST, "nonsense", "fingerprint"),
        ("a=setup:actpass", "a=setup:holdconn", "setup"),
        ("a=setup:actpass\r\n", "", "setup"),
        ("a=mid:0", "a=mid:0 1", "name"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(old: str, new: str, reason: str) -> None:
    assert old in CHROMIUM
    with pytest.raises(BadOffer, match=reason):
        answer_to(CHROMIUM.replace(old, new))


def test_an_endless_offer_is_refused() -> None:
    with pytest.raises(BadOffer, match="length"):
        parse_offer(CHROMIUM + "a=x\r\n" * 20_000)


@given(
    cut=st.integers(0, len(CHROMIUM)),
    length=st.integers(0, 80),
    noise=st.text(max_size=12),
)
def test_a_mangled_offer_is_answered_or_refused_and_never_raises_else(
    cut: int, length: int, noise: str
) -> None:
    try:
        lines = answer_to(CHROMIUM[:cut] + noise + CHROMIUM[cut + length :])
    except BadOffer:
        return
    assert all("\n" not in line and "\r" not in line for line in lines)


@given(st.text(max_size=200))
def test_any_text_is_answered_or_refused(text: str) -> None:
    with pytest.raises(BadOffer):
        answer_to(text)
