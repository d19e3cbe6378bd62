"""Which addresses browsers are offered."""

from __future__ import annotations

import pytest

from softphone.rtp.ports import PortPool
from softphone.webrtc import addresses
from softphone.webrtc.addresses import NoUsableAddress, offered_addresses
from softphone.webrtc.leg import SeatLeg, WebRtcSettings
from tests.softphone.webrtc.test_offer import CHROMIUM


def machine_with(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    monkeypatch.setattr(
        addresses.aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: list(found)
    )


def test_loopback_comes_beside_the_host_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, "192.0.2.2", "fe80::1", "169.254.3.4", "fd00::2")
    assert offered_addresses(include_loopback=False) == ["192.0.2.2", "fd00::2"]
    assert offered_addresses(include_loopback=True) == ["192.0.2.2", "fd00::2", "127.0.0.1"]


def test_loopback_alone_is_enough_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch)
    assert offered_addresses(include_loopback=True) == ["127.0.0.1"]


def test_a_machine_without_any_address_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch)
    with pytest.raises(NoUsableAddress, match="no network address"):
        offered_addresses(include_loopback=False)


async def test_an_address_that_cannot_be_bound_is_no_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine_with(monkeypatch, "192.0.2.77")
    with pytest.raises(NoUsableAddress):
        await SeatLeg.answer(CHROMIUM, settings=WebRtcSettings(udp_ports=PortPool()))


async def test_behind_nat_the_outside_address_is_offered_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine_with(monkeypatch, "127.0.0.2")
    settings = WebRtcSettings(
        udp_ports=PortPool(), public_address="203.0.113.9", include_loopback=True
    )
    leg = await SeatLeg.answer(CHROMIUM, settings=settings)
    offered = [line.split()[4:6] for line in leg.answer_sdp.splitlines() if "candidate:" in line]
    hosts = [host for host, _ in offered]
    assert hosts == ["203.0.113.9", "127.0.0.2", "127.0.0.1"]
    assert offered[0][1] == offered[1][1]  # NAT keeps the port
    await leg.close()
