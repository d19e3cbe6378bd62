"""The start-up self-test passes here, says so when it cannot, and chooses the plane."""

from __future__ import annotations

import logging
from typing import Any, get_args

import pytest
from aiortc import RTCPeerConnection

from config import MediaPlane as Setting
from softphone.media_plane import PLANES, DirectPlane, choose_plane
from softphone.webrtc.self_test import MediaSelfTestFailed
from softphone.webrtc.transport import SecureTransport


def break_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: SecureTransport, datagram: bytes) -> None:
        raise AttributeError("'RTCDtlsTransport' object has no attribute '_tx_srtp'")

    monkeypatch.setattr(SecureTransport, "send_rtp", missing)


def break_peer_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: RTCPeerConnection, *args: Any) -> None:
        raise TypeError("addTransceiver() got an unexpected argument")

    monkeypatch.setattr(RTCPeerConnection, "addTransceiver", missing)


@pytest.mark.parametrize("name", PLANES)
async def test_each_plane_passes_audio_on_this_installation(name: Any) -> None:
    assert await choose_plane(name) == name


def test_the_setting_knows_every_plane() -> None:
    assert get_args(Setting) == ("auto", *PLANES)


async def test_the_direct_plane_is_taken_where_it_works() -> None:
    assert await choose_plane("auto") == "direct"


async def test_a_library_without_the_names_we_need_is_named_and_the_other_plane_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    break_direct(monkeypatch)
    assert await choose_plane("auto") == "peer_connection"
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "_tx_srtp" in record.__dict__["reason"]
    assert "requirements.txt" in record.__dict__["reason"]


async def test_a_plane_that_was_asked_for_is_not_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    break_direct(monkeypatch)
    with pytest.raises(MediaSelfTestFailed, match="direct:"):
        await choose_plane("direct")


async def test_a_gateway_that_cannot_carry_audio_at_all_is_told_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    break_direct(monkeypatch)
    break_peer_connection(monkeypatch)
    with pytest.raises(MediaSelfTestFailed, match=r"direct: .*_tx_srtp.*peer_connection: .*"):
        await choose_plane("auto")


async def test_packets_that_do_not_arrive_fail_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softphone.webrtc.self_test._TIMEOUT_S", 0.3)
    monkeypatch.setattr(SecureTransport, "send_rtp", lambda self, datagram: None)
    with pytest.raises(MediaSelfTestFailed, match="TimeoutError"):
        await DirectPlane.check()
