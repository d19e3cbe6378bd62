"""Verbs of the seat: each is one command, and a refusal keeps the core's id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from agent_desk.dialer.floor import Floor, SeatState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.seat.seats import AWAY_REASONS, SeatService
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.services.running_desk import Running, running
from tests.agent_desk.store.desk_rows import Centre, small_centre
from tests.builders import campaign, floor_of, gateway, seat, talking
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import QuietGateway

SEAT = SeatId("operator1")
CALL = CallId("c" * 32)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """What a seat may do does not depend on the kind of database."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def wire() -> QuietGateway:
    return QuietGateway()


@pytest.fixture
def centre(database: Database) -> Centre:
    with database.write() as session:
        return small_centre(session)


Around = Callable[[Floor], tuple[SeatService, Running]]


@pytest.fixture
def around(
    database: Database, clock: FakeClock, wire: QuietGateway, centre: Centre
) -> Iterator[Around]:
    loops: list[Running] = []

    def build(floor: Floor) -> tuple[SeatService, Running]:
        loop = running(floor, clock=clock, database=database, journal=False)
        loops.append(loop)
        book = CampaignBook(database, clock)
        book.reload()
        return SeatService(commits=loop.commits, gateway=wire, campaigns=book), loop

    yield build
    for loop in loops:
        loop.stop()


def refusal(verb: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        verb()
    return refused.value


def test_a_page_opens_the_seat_on_its_teams_running_campaign(
    around: Around, centre: Centre
) -> None:
    seats, loop = around(floor_of(campaigns=[campaign(centre.campaign_id)]))
    seats.open(SEAT, user_id=centre.users["operator1"], team_id=centre.team_id)
    assert loop.floor.seats[SEAT].state is SeatState.STARTING
    assert loop.floor.seats[SEAT].campaign_id == centre.campaign_id


def test_a_reload_keeps_campaign_state_and_call(around: Around, centre: Centre) -> None:
    seats, loop = around(talking())
    seats.open(SEAT, user_id=1, team_id=99)
    assert loop.floor.seats[SEAT].state is SeatState.TALKING
    assert loop.floor.seats[SEAT].call_id == CALL


def test_an_operator_whose_team_has_no_campaign_is_told_so(around: Around) -> None:
    seats, _ = around(floor_of())
    assert refusal(lambda: seats.open(SEAT, user_id=1, team_id=99)).error_id == "no-campaign"


def test_logging_out_takes_the_seat_off_the_floor(around: Around) -> None:
    seats, loop = around(floor_of(seats=[seat()]))
    seats.close(SEAT, cause="logout")
    assert SEAT not in loop.floor.seats
    seats.close(SEAT, cause="logout")  # a second press finds nothing to do


def test_nobody_logs_out_while_a_customer_is_on_the_seat(around: Around) -> None:
    seats, loop = around(talking())
    assert refusal(lambda: seats.close(SEAT, cause="logout")).error_id == "call-on-seat"
    assert loop.floor.seats[SEAT].state is SeatState.TALKING


def test_away_wants_one_of_the_known_reasons(around: Around) -> None:
    seats, loop = around(floor_of(seats=[seat()]))
    assert (
        refusal(lambda: seats.go_away(SEAT, "lunch!", command_id=None)).error_id == "unknown-reason"
    )
    assert loop.floor.seats[SEAT].state is SeatState.AVAILABLE
    for reason in sorted(AWAY_REASONS):
        seats.go_away(SEAT, reason, command_id=None)
        assert loop.floor.seats[SEAT].reason == reason


def test_away_is_queued_while_talking_and_can_be_taken_back(around: Around) -> None:
    seats, loop = around(talking())
    seats.go_away(SEAT, "break", command_id=None)
    assert loop.floor.seats[SEAT].queued_away == "break"
    seats.cancel_away(SEAT, None)
    assert loop.floor.seats[SEAT].queued_away is None
    assert refusal(lambda: seats.cancel_away(SEAT, None)).error_id == "nothing-queued"


def test_hold_and_mute_are_orders_to_the_gateway(around: Around, wire: QuietGateway) -> None:
    seats, loop = around(talking())
    seats.hold(SEAT, True, command_id=None)
    seats.hold(SEAT, False, command_id=None)
    seats.mute(SEAT, True, command_id=None)
    names = [type(effect).__name__ for effect in loop.effects]
    assert names == ["Hold", "Hold", "Mute"]
    assert loop.floor.seats[SEAT].muted


def test_a_refusal_keeps_the_cores_id_and_details(around: Around) -> None:
    seats, _ = around(floor_of(seats=[seat()]))
    refused = refusal(lambda: seats.hang_up(SEAT, None))
    assert (refused.error_id, refused.details) == ("no-call", {"state": "available"})


def test_a_promise_is_refused_beyond_the_campaigns_horizon_and_for_no_money(
    around: Around, clock: FakeClock
) -> None:
    seats, loop = around(talking(identity="verified"))
    today = clock.now().date()

    def promise(due_on: date, amount_yen: int | None) -> None:
        seats.set_promise(SEAT, CALL, due_on=due_on, amount_yen=amount_yen, command_id=None)

    assert refusal(lambda: promise(today, 0)).error_id == "promise-amount"
    assert refusal(lambda: promise(today - timedelta(days=1), 1)).error_id == "promise-date"
    assert refusal(lambda: promise(today + timedelta(days=61), 1)).error_id == "promise-date"
    promise(today + timedelta(days=60), 5000)
    assert loop.floor.calls[CALL].codes == {"payment_date"}
    seats.withdraw_promise(SEAT, CALL, command_id=None)
    assert loop.floor.calls[CALL].codes == frozenset()


def test_marks_notes_and_result_are_for_the_call_on_the_seat(around: Around) -> None:
    seats, loop = around(talking())
    seats.mark_status(SEAT, CALL, code="contact", on=True, command_id=None)
    assert loop.floor.calls[CALL].codes == {"contact"}
    other = CallId("d" * 32)
    for verb in (
        lambda: seats.mark_status(SEAT, other, code="contact", on=True, command_id=None),
        lambda: seats.draft_note(SEAT, other, text="x", command_id=None),
        lambda: seats.live(SEAT, other),
    ):
        assert refusal(verb).error_id == "not-your-call"


def test_the_device_check_runs_in_the_gateway(around: Around, wire: QuietGateway) -> None:
    seats, loop = around(floor_of(seats=[seat(checked=False)], gateways=[gateway()]))
    assert seats.offer_media(SEAT, "offer") == "answer to offer"
    seats.test_device(SEAT, "tone")
    assert wire.tested == [(SEAT, "tone")]
    seats.pass_device_check(SEAT, None)
    assert loop.floor.seats[SEAT].checked


def test_a_gateway_that_is_away_or_says_no_is_a_named_error(
    around: Around, wire: QuietGateway
) -> None:
    seats, _ = around(floor_of(seats=[seat()]))
    wire.refusal = "bad_offer"
    assert refusal(lambda: seats.offer_media(SEAT, "x")).error_id == "bad-offer"
    assert refusal(lambda: seats.test_device(SEAT, "echo")).error_id == "bad-offer"
    wire.reachable = False
    assert refusal(lambda: seats.offer_media(SEAT, "x")).error_id == "gateway-down"
    assert refusal(lambda: seats.test_device(SEAT, "echo")).error_id == "gateway-down"
