"""Offers and answers for one G.711 stream."""

from __future__ import annotations

import pytest

from softphone.sip.messages.sdp import (
    SdpError,
    answer_again,
    answer_audio,
    check_answer,
    narrow_audio,
    offer_again,
    offer_audio,
    parse_sdp,
    read_audio,
)

OFFER = offer_audio(host="198.51.100.7", port=4000, session_id=5)


def sdp(*media: str, session: str = "c=IN IP4 192.0.2.1") -> str:
    return "\r\n".join(["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", session, "t=0 0", *media, ""])


def test_our_offer_holds_both_codecs_in_order_and_telephone_event():
    assert "m=audio 4000 RTP/AVP 0 8 101" in OFFER
    assert "a=rtpmap:101 telephone-event/8000" in OFFER and "a=ptime:20" in OFFER
    other = offer_audio(host="198.51.100.7", port=4000, session_id=5, codecs=("PCMA", "PCMU"))
    assert "m=audio 4000 RTP/AVP 8 0 101" in other


def test_an_answer_takes_the_first_codec_both_know():
    answer = answer_audio(OFFER, host="192.0.2.1", port=6000, codecs=("PCMA",), session_id=1)
    audio = read_audio(answer)
    assert (audio.host, audio.port, audio.codec, audio.payload_type) == (
        "192.0.2.1",
        6000,
        "PCMA",
        8,
    )
    assert audio.dtmf_payload_type == 101 and audio.direction == "sendrecv" and not audio.on_hold


def test_the_peers_order_decides_and_its_payload_types_hold():
    audio = read_audio(
        sdp(
            "m=audio 6000 RTP/AVP 9 97 8 96",
            "a=rtpmap:97 pcmu/8000",
            "a=rtpmap:96 telephone-event/8000",
        )
    )
    assert (audio.codec, audio.payload_type, audio.dtmf_payload_type) == ("PCMU", 97, 96)


def test_without_telephone_event_there_is_none():
    assert read_audio(sdp("m=audio 6000 RTP/AVP 0")).dtmf_payload_type is None


def test_telephone_event_of_another_rate_is_not_ours():
    text = sdp("m=audio 6000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000")
    assert read_audio(text).dtmf_payload_type is None


def test_the_sections_own_address_beats_the_sessions():
    text = sdp("m=audio 6000 RTP/AVP 0", "c=IN IP4 192.0.2.99/127")
    assert read_audio(text).host == "192.0.2.99"


@pytest.mark.parametrize(
    ("attribute", "answered", "held"),
    [
        ("sendonly", "recvonly", True),
        ("recvonly", "sendonly", False),
        ("inactive", "inactive", True),
        ("sendrecv", "sendrecv", False),
    ],
)
def test_directions_are_answered_by_their_opposite(attribute, answered, held):
    text = sdp("m=audio 6000 RTP/AVP 0", f"a={attribute}")
    assert read_audio(text).on_hold is held
    assert f"a={answered}" in answer_again(text, OFFER, ("PCMU",))


def test_a_direction_of_the_session_holds_for_its_sections():
    text = sdp("m=audio 6000 RTP/AVP 0", session="c=IN IP4 192.0.2.1\r\na=sendonly")
    assert read_audio(text).on_hold


def test_the_old_way_of_holding_is_understood():
    text = sdp("m=audio 6000 RTP/AVP 0", session="c=IN IP4 0.0.0.0")
    assert read_audio(text).on_hold


def test_an_answer_refuses_every_section_but_the_first_usable():
    offer = sdp(
        "m=video 5000 RTP/AVP 31",
        "m=audio 6000 RTP/SAVP 0",
        "m=audio 6002 RTP/AVP 0",
        "m=audio 6004 RTP/AVP 0",
    )
    answer = answer_audio(offer, host="198.51.100.7", port=4000, session_id=1)
    assert [section.port for section in parse_sdp(answer).sections] == [0, 0, 4000, 0]


def test_an_answer_inside_the_call_keeps_address_and_counts_the_version_up():
    first = answer_again(sdp("m=audio 6000 RTP/AVP 8 0"), OFFER, ("PCMU", "PCMA"))
    assert "o=- 5 2 IN IP4 198.51.100.7" in first and "m=audio 4000 RTP/AVP 8" in first
    with pytest.raises(SdpError):
        answer_again(sdp("m=audio 6000 RTP/AVP 0"), first, ("PCMA",))


def test_an_offer_inside_the_call_is_full_again():
    held = answer_again(sdp("m=audio 6000 RTP/AVP 8", "a=sendonly"), OFFER, ("PCMU", "PCMA"))
    again = offer_again(held, ("PCMU", "PCMA"))
    assert "m=audio 4000 RTP/AVP 0 8 101" in again and "a=sendrecv" in again
    assert "o=- 5 3 IN IP4 198.51.100.7" in again


def test_without_a_description_of_our_own_nothing_is_described_again():
    for ours in ("", sdp("m=audio 0 RTP/AVP 0")):
        with pytest.raises(SdpError):
            offer_again(ours, ("PCMU",))


def test_a_narrowed_description_holds_the_agreed_codec_alone():
    text = sdp(
        "m=video 5 RTP/AVP 31",
        "m=audio 6000 RTP/AVP 8 0 96",
        "a=inactive",
        "a=rtpmap:96 telephone-event/8000",
    )
    narrowed = narrow_audio(text, "PCMU")
    assert read_audio(narrowed) == read_audio(text, ("PCMU",))
    assert "AVP 0 96" in narrowed and "video" not in narrowed


NO_MACHINES = ("224.0.0.1", "239.1.2.3/3", "255.255.255.255", "240.0.0.1", "0.0.0.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        sdp(),
        sdp("m=audio"),
        sdp("m=audio x RTP/AVP 0"),
        sdp("m=audio 70000 RTP/AVP 0"),
        sdp("m=audio ６０００ RTP/AVP 0"),
        sdp("m=audio 0 RTP/AVP 0"),
        sdp("m=audio 6000 RTP/AVP 9 18"),
        sdp("m=audio 6000 RTP/AVP 999999999999999999999"),
        sdp("m=audio 6000 RTP/AVP 0", session="c=IN IP6 2001:db8::1"),
        sdp("m=audio 6000 RTP/AVP 0", session="c=IN IP4 media.example"),
        sdp("m=audio 6000 RTP/AVP 0", session="c=192.0.2.1"),
        *(sdp("m=audio 6000 RTP/AVP 0", session=f"c=IN IP4 {to}") for to in NO_MACHINES),
        *(sdp(f"m=audio {port} RTP/AVP 0") for port in (53, 123, 1023, 5060, 5061)),
        sdp("m=audio 6000 RTP/AVP 0").replace("o=- 1 1", "o=-"),
        sdp(*["m=audio 6000 RTP/AVP 0"] * 17),
    ],
)
def test_what_cannot_be_used_is_refused(text):
    with pytest.raises(SdpError):
        read_audio(text)


@pytest.mark.parametrize("there", ["127.0.0.1", "127.9.9.9", "169.254.169.254"])
def test_a_trunk_on_the_network_cannot_have_us_send_to_our_own_machine(there):
    theirs = sdp("m=audio 6000 RTP/AVP 0", session=f"c=IN IP4 {there}")
    with pytest.raises(SdpError):
        answer_audio(theirs, host="192.0.2.7", port=4000, session_id=1)
    offer = offer_audio(host="192.0.2.7", port=4000, session_id=1)
    with pytest.raises(SdpError):
        check_answer(theirs, offer)
    assert answer_audio(theirs, host="127.0.0.1", port=4000, session_id=1), "on loopback it may"
    check_answer(theirs, offer_audio(host="127.0.0.1", port=4000, session_id=1))
