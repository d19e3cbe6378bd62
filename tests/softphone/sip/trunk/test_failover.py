"""Two trunks over real sockets: the first is dead, refuses, or takes no connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.protocol import CallRerouted, Event, TrunkChanged, TrunkShare
from softphone.routing.routed_call import Detours, NotPlaced, RoutedCall
from softphone.routing.trunks import Trunks
from softphone.sip.calls.inbound import InboundCall
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.messages.message import Message
from softphone.sip.messages.sdp import answer_audio
from softphone.sip.server import SipServer
from softphone.sip.transport import lifeline
from softphone.sip.transport.timing import Timing
from softphone.sip.transport.transactions import ServerTransaction
from softphone.sip.trunk.breaker import FAILURES
from softphone.sip.trunk.trunk import Trunk
from tests.softphone.sip.placed_calls import OFFER, HeardCall, trunk_settings
from tests.softphone.sip.stranger import Stranger
from tests.softphone.sip.wire import HeardInbound
from tests.waiting import await_until

HASTY = Timing(t1=0.01, t2=0.08, t4=0.1)  # gives up after 0.64 s
NUMBER = "+81901230001"


class Refusing(SipServer):
    """Answers every INVITE with `code` and `retry_after`, or lets it in when `code` is 0."""

    def __init__(self, code: int = 0, retry_after: str = "") -> None:
        super().__init__(self._answer, timing=HASTY)
        self.code, self.retry_after = code, retry_after
        self.invites: list[Message] = []

    def _answer(self, call: InboundCall) -> HeardInbound:
        call.ring()
        call.answer(answer_audio(call.offer, host="127.0.0.1", port=6000, session_id=1))
        return HeardInbound()

    def _take_invite(self, transaction: ServerTransaction) -> None:
        self.invites.append(transaction.request)
        if not self.code:
            super()._take_invite(transaction)
            return
        headers = {"retry-after": self.retry_after} if self.retry_after else {}
        self._agent.reply(transaction, self.code, headers=headers)


class Office:
    """Trunks under test, first to last, and what the desk is told."""

    def __init__(self, folder: Path) -> None:
        self.events: list[Event] = []
        self.trunks = Trunks(self.events.append)
        self._journal = DialogJournal(folder / "journal")
        self._calls = 0
        self.names: list[str] = []
        self.running: list[Trunk] = []

    def add(self, port: int, **changes: object) -> None:
        name = f"t{len(self.names) + 1}"
        settings = trunk_settings(port, trunk_id=name, **{"timing": HASTY, **changes})

        def make(on_state: object) -> Trunk:
            self.running.append(Trunk(settings, self._journal, on_state=on_state))  # type: ignore[arg-type]
            return self.running[-1]

        self.trunks.add(TrunkShare(name, 4, 50.0), make, orphans=lambda: 0)
        self.names.append(name)

    def place(self) -> tuple[HeardCall, RoutedCall]:
        self._calls += 1
        invite = OutboundInvite(f"c{self._calls}", NUMBER, "", OFFER, 20)
        heard = HeardCall()
        first, *others = self.names
        return heard, self.trunks.place(first, invite, heard, detours=Detours(tuple(others)))

    async def answered(self) -> RoutedCall:
        heard, call = self.place()
        await await_until(lambda: heard.answers, what="an answer")
        return call

    @property
    def rerouted(self) -> list[tuple[str, int | None]]:
        moved = [event for event in self.events if isinstance(event, CallRerouted)]
        return [(event.trunk_id, event.sip_code) for event in moved]

    @property
    def told(self) -> list[TrunkChanged]:
        """What the desk was told of the first trunk."""
        return [e for e in self.events if isinstance(e, TrunkChanged) and e.trunk_id == "t1"]


@pytest.fixture
async def good() -> AsyncIterator[Refusing]:
    server = Refusing()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bad() -> AsyncIterator[Refusing]:
    server = Refusing(503)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def office(
    tmp_path: Path, good: Refusing, bad: Refusing, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr(lifeline, "FIRST_WAIT_S", 0.05)
    office = Office(tmp_path)
    yield office
    await office.trunks.stop(within_s=1)


async def test_a_dead_trunk_is_followed_by_the_next(office: Office, good: Refusing, strangers):
    silent: Stranger = strangers()
    office.add(silent.port)
    office.add(good.address[1])
    await office.trunks.start()
    await office.answered()
    assert office.rerouted == [("t2", 408)]
    assert office.told[-1].reason == "no answer from the trunk"
    await office.answered()
    assert office.rerouted[-1] == ("t2", None), "not even tried while it is down"


async def test_retry_after_is_obeyed_and_the_call_goes_elsewhere(
    office: Office, good: Refusing, bad: Refusing
) -> None:
    bad.retry_after = "120 (maintenance);duration=60"
    office.add(bad.address[1])
    office.add(good.address[1])
    await office.trunks.start()
    await office.answered()
    assert office.rerouted == [("t2", 503)]
    assert not office.told[-1].up and "Retry-After" in office.told[-1].reason
    await office.answered()
    assert len(bad.invites) == 1, "no call before its time"


async def test_a_trunk_that_takes_no_connection_is_passed_by(
    office: Office, good: Refusing
) -> None:
    closed = Refusing()
    await closed.start()
    port = closed.address[1]
    await closed.stop()
    office.add(port, transport="tcp")
    office.add(good.address[1])
    await office.trunks.start()
    await office.answered()
    assert office.rerouted == [("t2", None)]
    await await_until(lambda: office.told and "refused" in office.told[-1].reason)


async def test_five_failures_open_the_breaker_and_no_customer_is_lost(
    office: Office, good: Refusing, bad: Refusing
) -> None:
    office.add(bad.address[1])
    office.add(good.address[1], lines=20)
    office.trunks.set_shares([TrunkShare("t1", 4, 50.0), TrunkShare("t2", 20, 50.0)])
    await office.trunks.start()
    for _ in range(FAILURES + 3):
        await office.answered()
    assert len(bad.invites) == FAILURES and len(good.invites) == FAILURES + 3
    assert office.told[-1].reason == "failures in a row, the last with 503"


async def test_alone_a_failing_trunk_burns_five_calls_and_refuses_the_rest(
    office: Office, bad: Refusing
) -> None:
    office.add(bad.address[1])
    await office.trunks.start()
    for _ in range(FAILURES):
        heard, _ = office.place()
        await await_until(lambda heard=heard: heard.endings)
        assert not heard.ending.rang, "never rang: the attempt is released"
    with pytest.raises(NotPlaced) as refused:
        office.place()
    assert refused.value.refusal.error_id == "trunk_down" and len(bad.invites) == FAILURES


async def test_a_call_that_gets_through_ends_the_row_at_once_however_long_it_lasts(
    office: Office, bad: Refusing
) -> None:
    office.add(bad.address[1], lines=20)
    office.trunks.set_shares([TrunkShare("t1", 20, 50.0)])
    await office.trunks.start()

    async def refused(times: int) -> None:
        bad.code = 503
        for _ in range(times):
            heard, _ = office.place()
            await await_until(lambda heard=heard: heard.endings)

    await refused(FAILURES - 1)
    bad.code = 0
    await office.answered()  # and goes on
    await refused(FAILURES - 1)
    assert office.running[0].state == "up"
    await refused(1)
    assert office.running[0].state == "resting"


class TwoAddresses:
    """A name server that knows one name with two addresses; nobody listens at the first."""

    async def services(self, name: str) -> list[object]:
        raise OSError("none")

    async def addresses(self, name: str) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]


async def test_the_next_address_of_the_same_trunk_is_tried_first(
    tmp_path: Path, good: Refusing
) -> None:
    events: list[Event] = []
    trunks = Trunks(events.append)
    settings = trunk_settings(good.address[1], host="sip.test", timing=HASTY)
    journal = DialogJournal(tmp_path / "journal")

    def make(on_state: object) -> Trunk:
        return Trunk(settings, journal, on_state=on_state, names=TwoAddresses())  # type: ignore[arg-type]

    trunks.add(TrunkShare("t1", 4, 50.0), make, orphans=lambda: 0)
    await trunks.start()
    heard = HeardCall()
    trunks.place("t1", OutboundInvite("c1", NUMBER, "", OFFER, 20), heard)
    await await_until(lambda: heard.answers)
    assert not [event for event in events if isinstance(event, CallRerouted)]
    await trunks.stop(within_s=1)
