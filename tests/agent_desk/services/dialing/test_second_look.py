"""What comes between the lease and the order, or the answer, and forbids the call."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from agent_desk.dialer.ids import SeatId
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import AttemptOutcome
from agent_desk.services.actor import Actor
from agent_desk.services.dialing.hand_calls import HandCalls
from agent_desk.services.rules.holds import Wish
from agent_desk.services.rules.overrides import Wanted
from agent_desk.store.rules import holds as hold_rows
from softphone import protocol
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import NOON, SEALER

LEAD, MANAGER = Actor("lead1", "lead"), Actor("manager1", "manager")
TOMORROW = NOON + timedelta(days=1)
EVENING = Wish(18 * 60, 19 * 60)


def available(shift: Shift) -> None:
    """In a campaign whose operators see first whom they call."""
    campaign_id = shift.desk.seat().campaign_id
    steering = shift.desk.desk.campaigns
    steering.set_pacing(campaign_id, mode="preview", ratio=1.0, actor="lead1", teams=None)
    shift.alive()
    shift.page.do("go_available")


def shown(shift: Shift) -> str:
    """The customer the seat was given, as #id."""
    shift.desk.tick()
    return f"#{shift.desk.call(str(shift.desk.seat().call_id)).customer_id}"


def chosen(shift: Shift, customer: str) -> None:
    inside = shift.desk.desk
    calls = HandCalls(
        database=inside.database,
        sealer=SEALER,
        commits=inside.commits,
        clock=inside.clock,
        practice=True,
    )
    calls.dial(SeatId("operator1"), customer, actor="operator1", teams=None)
    assert shown(shift) == customer


def outcomes(shift: Shift) -> list[tuple[str, str, bool]]:
    with shift.desk.desk.database.read() as session:
        return [
            (row.outcome, row.cause, row.counts) for row in session.scalars(select(AttemptOutcome))
        ]


def blocked_by(shift: Shift) -> list[list[str]]:
    """What the audit says of verdicts that blocked a call."""
    with shift.desk.desk.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "call.blocked"))
        return [row.details["rules"] for row in rows]


def test_an_override_taken_back_ends_the_call_it_was_for(shift: Shift) -> None:
    rules = shift.desk.desk.rules
    available(shift)
    rules.holds.put("#3", reason="lawyer_notice", until=None, actor=LEAD)
    wanted = Wanted("R36", "customer", "#3", "court asks", TOMORROW)
    override_id = rules.overrides.grant(wanted, actor=MANAGER)
    chosen(shift, "#3")
    rules.overrides.lift(override_id, actor=MANAGER)
    shift.desk.settle()
    assert outcomes(shift) == [("not_placed", "override-lifted", False)]
    assert blocked_by(shift) == [["R36"]]
    assert shift.desk.seat().state == "available"
    assert shift.gateway.newest(protocol.PlaceCall) is None


def test_what_an_operator_calls_is_judged_when_it_leaves_whoever_changed_the_rules(
    shift: Shift,
) -> None:
    """Changed by a hand that tells no desk: another process, a restored row."""
    available(shift)
    shift.page.do("next_customer")
    customer = shown(shift)
    with shift.desk.desk.database.write() as session:
        columns = {"reason": "hospital", "until": TOMORROW, "actor": "lead1"}
        hold_rows.put(session, int(customer[1:]), now=NOON, **columns)
    shift.alive()
    shift.page.do("place_previewed")
    shift.desk.settle()
    assert shift.gateway.newest(protocol.PlaceCall) is None
    assert outcomes(shift) == [("not_placed", "withdrawn", False)]
    assert blocked_by(shift) == [["R06"]]


def test_a_consent_taken_back_ends_the_call_after_hours(shift: Shift) -> None:
    rules = shift.desk.desk.rules
    available(shift)
    shift.desk.clock.advance(9 * 3600)  # 21:00
    shift.alive()
    if shift.desk.seat().state != "available":
        shift.page.do("go_available")
    rules.overrides.consent("#3", kind="after_hours", evidence="call 7", actor=LEAD)
    wanted = Wanted("R01", "customer", "#3", "works nights", TOMORROW)
    rules.overrides.grant(wanted, actor=MANAGER)
    chosen(shift, "#3")
    rules.overrides.withdraw_consent("#3", kind="after_hours", actor=LEAD)
    shift.desk.settle()
    assert outcomes(shift) == [("not_placed", "override-lifted", False)]
    assert blocked_by(shift) == [["R01"]]


def test_a_time_named_while_the_customer_is_on_screen_is_kept(shift: Shift) -> None:
    available(shift)
    shift.page.do("next_customer")
    customer = shown(shift)
    holds = shift.desk.desk.rules.holds
    holds.set_wish(customer, Wish(11 * 60, 19 * 60), actor=LEAD)
    shift.desk.settle()
    assert outcomes(shift) == []  # now is such a time
    holds.set_wish(customer, EVENING, actor=LEAD)
    shift.desk.settle()
    assert blocked_by(shift) == [["R02"]]
    assert shift.desk.seat().call_id is None
    assert shift.gateway.newest(protocol.PlaceCall) is None


def test_a_time_named_while_it_rings_ends_the_call_and_a_talk_goes_on(shift: Shift) -> None:
    call_id = shift.available()
    holds = shift.desk.desk.rules.holds
    customer = f"#{shift.desk.call(call_id).customer_id}"
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()
    holds.set_wish(customer, Wish(11 * 60, 19 * 60), actor=LEAD)
    holds.set_vip(customer, True, actor=LEAD)  # one line for one seat may call a VIP
    shift.desk.settle()
    assert shift.gateway.newest(protocol.EndWithPrompt) is None
    holds.set_wish(customer, EVENING, actor=LEAD)
    shift.desk.settle()
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id


def test_who_is_talking_is_not_cut_off_by_a_time_named(shift: Shift) -> None:
    call_id = shift.talk()
    customer = f"#{shift.desk.call(call_id).customer_id}"
    shift.desk.desk.rules.holds.set_wish(customer, EVENING, actor=LEAD)
    shift.desk.settle()
    assert shift.gateway.newest(protocol.EndWithPrompt) is None
    assert blocked_by(shift) == []
