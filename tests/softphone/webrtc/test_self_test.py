"""The start-up self-test passes here, and says so when it cannot."""

from __future__ import annotations

import pytest

from softphone.webrtc.self_test import MediaSelfTestFailed, check_media
from softphone.webrtc.transport import SecureTransport


async def test_audio_passes_on_this_installation() -> None:
    await check_media()


async def test_a_library_without_the_names_we_need_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(self: SecureTransport, datagram: bytes) -> None:
        raise AttributeError("'RTCDtlsTransport' object has no attribute '_tx_srtp'")

    monkeypatch.setattr(SecureTransport, "send_rtp", missing)
    with pytest.raises(MediaSelfTestFailed, match=r"_tx_srtp.*requirements\.txt"):
        await check_media()


async def test_packets_that_do_not_arrive_fail_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softphone.webrtc.self_test._TIMEOUT_S", 0.3)
    monkeypatch.setattr(SecureTransport, "send_rtp", lambda self, datagram: None)
    with pytest.raises(MediaSelfTestFailed, match="TimeoutError"):
        await check_media()
