"""From the settings of the trunks to running ones, and to the customers' lines beside them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from config import GatewayConfig, Trunk
from softphone.clock import BusinessClock
from softphone.customer.audio_terms import AudioForm
from softphone.customer.line import CustomerLine, MediaRoom
from softphone.protocol import Event, TrunkShare
from softphone.routing.toll_guard import TollGuard, TollRules
from softphone.routing.trunks import Trunks
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.ladder import Ladders
from softphone.sip.transport.endpoint import own_address_towards
from softphone.sip.transport.tls import TlsFiles
from softphone.sip.trunk import trunk as sip_trunk
from softphone.sip.trunk.health import OnState
from softphone.sip.trunk.settings import TrunkSettings

log = logging.getLogger(__name__)


def build_trunks(
    config: GatewayConfig,
    *,
    report: Callable[[Event], None],
    journal: DialogJournal,
    clock: BusinessClock,
    ladders: Ladders,
) -> Trunks:
    """All trunks of the gateway, not yet started. Raises OSError or ValueError."""
    guard = TollGuard(
        [_rules(trunk) for trunk in config.trunks],
        now=clock.now,
        path=config.data_dir / "spent.json",
        timers=asyncio.get_running_loop(),
    )
    trunks = Trunks(report, guard)
    for place, trunk in enumerate(config.trunks):
        for doubt in _doubts(trunk):
            log.warning(doubt, extra={"trunk_id": trunk.trunk_id})
        settings = trunk_settings(trunk, bind=config.sip_bind, place=place)
        _add(trunks, trunk, settings, journal=journal, ladders=ladders)
    return trunks


def _doubts(trunk: Trunk) -> list[str]:
    """What works and is hardly meant so."""
    doubts = {
        "the keys of SRTP travel in clear: use TLS": (
            trunk.srtp != "off" and trunk.transport != "tls"
        ),
        "the trunk has no caller_id: campaigns that name none call anonymously": not (
            trunk.caller_id or trunk.caller_ids or trunk.username
        ),
        "the trunk withholds the caller's number": trunk.privacy == "id",
    }
    return [doubt for doubt, holds in doubts.items() if holds]


def _rules(trunk: Trunk) -> TollRules:
    return TollRules(
        trunk.trunk_id,
        allowed=trunk.allowed_prefixes,
        denied=trunk.denied_prefixes,
        cap_yen=trunk.spend_cap_yen_per_day,
        yen_per_minute=trunk.yen_per_minute,
    )


def _add(
    trunks: Trunks,
    trunk: Trunk,
    settings: TrunkSettings,
    *,
    journal: DialogJournal,
    ladders: Ladders,
) -> None:
    def make(on_state: OnState) -> sip_trunk.Trunk:
        return sip_trunk.Trunk(
            settings, journal, on_state=on_state, ladders=ladders, on_arrival=trunks.arrived
        )

    trunks.add(
        TrunkShare(trunk.trunk_id, trunk.lines, trunk.calls_per_second),
        make,
        orphans=lambda: len(journal.records(trunk.trunk_id)),
    )


def trunk_settings(trunk: Trunk, *, bind: tuple[str, int], place: int) -> TrunkSettings:
    """One trunk's settings in the words of SIP. Each trunk has its own port, `place` after the
    first."""
    host, port = bind
    return TrunkSettings(
        trunk_id=trunk.trunk_id,
        host=trunk.host,
        port=trunk.port,
        domain=trunk.domain or trunk.host,
        transport=trunk.transport,
        tls=TlsFiles(
            ca=_path(trunk.tls_ca),
            certificate=_path(trunk.tls_certificate),
            key=_path(trunk.tls_key),
        ),
        tcp_for_large=trunk.tcp_for_large,
        sips=trunk.sips,
        caller_id=trunk.caller_id,
        caller_ids=trunk.shown_numbers,
        username=trunk.username,
        password=trunk.password,
        register=trunk.register,
        bind_host=host,
        bind_port=port + place if port else 0,
        public_host=trunk.public_host,
        allowed_hosts=trunk.allowed_hosts,
        lines=trunk.lines,
        calls_per_second=trunk.calls_per_second,
        codecs=trunk.codecs,
        number_format=trunk.number_format,
        identity_header=trunk.identity_header,
        privacy=trunk.privacy,
        user_phone=trunk.user_phone,
        session_expires_s=trunk.session_expires_s,
        options_keepalive_s=trunk.options_keepalive_s,
    )


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None


class LineMaker:
    """Opens customers' lines on the address from which their trunk is reached."""

    def __init__(self, config: GatewayConfig, room: MediaRoom, trunks: Trunks) -> None:
        self._trunks = {trunk.trunk_id: trunk for trunk in config.trunks}
        self._running = trunks
        self._bound = config.sip_bind[0]
        self._room = room
        self._forms = {
            trunk.trunk_id: AudioForm(trunk.codecs, trunk.srtp, trunk.public_host)
            for trunk in config.trunks
        }

    async def open(self, trunk_id: str) -> CustomerLine:
        """A line for a call of this trunk. Raises `PortsUsedUp` or `OSError`."""
        host = self._running.local_host(trunk_id)
        if not host:
            # The trunk has not started yet. May ask the name server, which must not stop the loop.
            name = self._trunks[trunk_id].host
            host = await asyncio.to_thread(own_address_towards, name, self._bound)
        return await CustomerLine.open(
            self._room, host=host, form=self._forms[trunk_id], forms=self._forms
        )
