"""Holds, payments, refusals and overrides take effect at once, and no further than they should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from agent_desk.dialer.ids import CustomerId, SeatId
from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer, Debt, DoNotCall, Payment, Phone
from agent_desk.models.lists import ListEntry
from agent_desk.models.results import Callback
from agent_desk.models.strategy import ReservedEntry
from agent_desk.services.actor import Actor
from agent_desk.services.dialing.hand_calls import HandCalls
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.dialing.list_previews import ListPreview, ListPreviews
from agent_desk.services.errors import ServiceError
from agent_desk.services.rules.holds import Wish
from agent_desk.services.rules.overrides import Wanted
from agent_desk.services.rules.payments import Posted
from agent_desk.store.leasing import lease as leasing
from agent_desk.store.leasing import reserved
from agent_desk.store.rows import floor as floor_rows
from agent_desk.store.rules import holds as hold_rows
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.unit_of_work import Session
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk, ended
from tests.agent_desk.store.desk_rows import NOON, SEALER

LEAD, MANAGER = Actor("lead1", "lead"), Actor("manager1", "manager")
TOMORROW = NOON + timedelta(days=1)


def refusal(verb: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        verb()
    return refused.value


def unanswered(call_id: str, **fields: Any) -> protocol.CallEnded:
    """The end of a call nobody answered."""
    told = {
        "answered": False,
        "verdict": protocol.Verdict.NOT_SCREENED,
        "sip_code": 480,
        "cause": "",
    }
    return ended(call_id, **{**told, **fields})


def whose(shift: Shift, call_id: str) -> str:
    return f"#{shift.desk.call(call_id).customer_id}"


def entry_of(desk: SmallDesk, customer: str) -> ListEntry:
    with desk.desk.database.read() as session:
        query = select(ListEntry).where(ListEntry.customer_id == int(customer[1:]))
        return session.scalars(query).one()


def look_again(shift: Shift, customer: str) -> None:
    """Let the dialer look at this customer's entry, which is due, and at no other."""
    mine = ListEntry.customer_id == int(customer[1:])
    with shift.desk.desk.database.write() as session:
        session.execute(update(ListEntry).where(mine).values(next_at=NOON))
        session.execute(update(ListEntry).where(~mine).values(state="closed"))
        settings = rule_settings.settings(session, shift.desk.campaign_id, NOON)
        judge = Judge(settings, SEALER, NOON, practice=True)
        found = leasing.lease(
            session,
            settings,
            count=1,
            now=NOON,
            judge=judge,
            routes=[leasing.Route("trunk1", "gw1")],
            new_call_id=lambda: "f" * 32,
            desk_epoch=1,
        )
        judge.keep(session, actor="dialer")
        assert found.rows == ()


def audited(desk: SmallDesk, action: str) -> list[AuditRow]:
    with desk.desk.database.read() as session:
        query = select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)
        return list(session.scalars(query))


def owing(session: Session, customer: str, product_id: int, amount_yen: int = 1000) -> None:
    session.execute(
        insert(Debt).values(
            customer_id=int(customer[1:]),
            product_id=product_id,
            amount_yen=amount_yen,
            due_on=date(2026, 11, 1),
            created_at=NOON,
        )
    )


def paid(customer: str, amount_yen: int = 1000, payment_id: str = "p1") -> Posted:
    return Posted(customer, amount_yen, date(2026, 11, 24), "bank", payment_id)


def hand_calls(desk: SmallDesk) -> HandCalls:
    inside = desk.desk
    return HandCalls(
        database=inside.database,
        sealer=SEALER,
        commits=inside.commits,
        clock=inside.clock,
        practice=True,
    )


# --- holds ----------------------------------------------------------------------------------------


def test_r36_a_lawyers_notice_ends_the_call_that_rings_and_closes_the_entry(
    each_shift: Shift,
) -> None:
    shift, holds = each_shift, each_shift.desk.desk.rules.holds
    call_id = shift.available()
    customer = whose(shift, call_id)
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()
    hold_id = holds.put(customer, reason="lawyer_notice", until=None, document="D7", actor=LEAD)
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id
    shift.gateway.tell(unanswered(call_id, by=protocol.EndedBy.DESK, sip_code=487))
    shift.desk.settle()
    look_again(shift, customer)
    entry = entry_of(shift.desk, customer)
    assert (entry.state, entry.closed_reason) == ("closed", "represented")
    [blocked] = [r for r in audited(shift.desk, "call.blocked") if "R36" in r.details["rules"]]
    assert blocked.details["rule_set"]
    [inputs] = blocked.details["entries"]
    assert (inputs["entry"], inputs["attempts"]) == (entry.id, [call_id])
    assert refusal(lambda: holds.release(hold_id, actor=LEAD)).error_id == "role-too-low"
    holds.release(hold_id, actor=MANAGER)
    assert entry_of(shift.desk, customer).state == "ready"


def test_a_released_hold_gives_back_the_time_the_ladder_said(each_desk: SmallDesk) -> None:
    desk, rules = each_desk, each_desk.desk.rules
    first = desk.people.entries[0]
    with desk.desk.database.write() as session:
        customer = f"#{session.get_one(ListEntry, first).customer_id}"
        session.execute(
            update(ListEntry)
            .where(ListEntry.id == first)
            .values(own_next_at=NOON, next_at=NOON + timedelta(days=9))
        )
    until = NOON + timedelta(days=9)
    hold_id = rules.holds.put(customer, reason="bereavement", until=until, actor=LEAD)
    rules.holds.release(hold_id, actor=LEAD)
    entry = entry_of(desk, customer)
    assert (entry.next_at, entry.own_next_at) == (NOON, None)
    assert rules.holds.current(teams=None) == ([], [])


def test_every_hold_speaks_until_it_ends_or_is_released(each_desk: SmallDesk) -> None:
    desk, holds = each_desk, each_desk.desk.rules.holds
    first = holds.put("#1", reason="bankruptcy", until=None, actor=LEAD)
    second = holds.put("#1", reason="complaint", until=None, actor=LEAD)
    holds.put("#1", reason="hospital", until=NOON + timedelta(days=5), actor=LEAD)
    people, _ = holds.current(teams=None)
    assert {row.reason: row.ticket_due_at for row in people} == {
        "bankruptcy": None,
        "complaint": NOON + timedelta(hours=24),
        "hospital": None,
    }
    assert _preview(desk).blocked == {"R36": 1, "R60": 1, "R06": 1}
    desk.clock.advance(6 * 86400)
    assert _preview(desk).blocked == {"R36": 1, "R60": 1}
    holds.release(first, actor=MANAGER)
    assert _preview(desk).blocked == {"R60": 1}
    holds.release(second, actor=LEAD)
    assert _preview(desk).blocked == {}


def test_a_notice_written_with_a_date_has_no_end_all_the_same(small_desk: SmallDesk) -> None:
    desk, holds = small_desk, small_desk.desk.rules.holds
    wrong = lambda: holds.put("#1", reason="bankruptcy", until=TOMORROW, actor=LEAD)  # noqa: E731
    assert refusal(wrong).details == {"reason": "until"}
    with desk.desk.database.write() as session:  # as older desks wrote it
        columns = {"reason": "lawyer_notice", "until": NOON + timedelta(days=2), "actor": "lead1"}
        hold_rows.put(session, 1, now=NOON, **columns)
    desk.clock.advance(3 * 86400)
    in_hospital = {"reason": "hospital", "until": desk.clock.now() + timedelta(hours=1)}
    hold_id = holds.put("#1", **in_hospital, actor=LEAD)
    holds.release(hold_id, actor=LEAD)
    assert _preview(desk).blocked == {"R36": 1}
    people, _ = holds.current(teams=None)
    assert [row.reason for row in people] == ["lawyer_notice"]
    assert refusal(lambda: holds.release(people[0].id, actor=LEAD)).error_id == "role-too-low"


def test_an_area_is_held_by_postcode_region_and_by_number(each_desk: SmallDesk) -> None:
    desk, holds = each_desk, each_desk.desk.rules.holds
    with desk.desk.database.write() as session:
        region = SEALER.area_key("postcode", "123")
        session.execute(update(Customer).where(Customer.id == 1).values(postcode_area_key=region))
        number = SEALER.open(
            session.scalars(select(Phone.number_sealed).where(Phone.id == 2)).one()
        )
    assert number.startswith("+8190")
    holds.put_area("postcode", "〒123", reason="地震", until=TOMORROW, actor=LEAD)
    preview = _preview(desk)
    assert preview.blocked == {"R06": 1}
    hold_id = holds.put_area("number_prefix", "090", reason="地震", until=TOMORROW, actor=LEAD)
    everybody = _preview(desk)
    assert (everybody.blocked, everybody.callable_now) == ({"R06": 6}, 0)
    holds.release_area(hold_id, actor=LEAD)
    assert _preview(desk).callable_now == 5
    for kind, value in (("postcode", "12"), ("number_prefix", "09012345678"), ("street", "x")):
        verb = lambda k=kind, v=value: holds.put_area(  # noqa: E731
            k, v, reason="x", until=TOMORROW, actor=LEAD
        )
        assert refusal(verb).error_id == "area-unusable"


def test_a_wish_is_obeyed_and_taken_back(small_desk: SmallDesk) -> None:
    holds = small_desk.desk.rules.holds
    holds.set_wish("#1", Wish(18 * 60, 19 * 60, frozenset({1}), None), actor=LEAD)
    preview = _preview(small_desk)
    assert preview.blocked == {"R02": 1}
    assert preview.callable_now == 5
    holds.set_wish("#1", Wish(), actor=LEAD)
    assert _preview(small_desk).callable_now == 6
    for wish in (
        Wish(600),
        Wish(0, 1441),
        Wish(600, 600),
        Wish(1440, 0),
        Wish(weekdays=frozenset({7})),
    ):
        verb = lambda w=wish: holds.set_wish("#1", w, actor=LEAD)  # noqa: E731
        assert refusal(verb).error_id == "bad-payload"


def _preview(desk: SmallDesk) -> ListPreview:
    inside = desk.desk
    previews = ListPreviews(
        database=inside.database,
        sealer=SEALER,
        clock=inside.clock,
        hub=inside.hub,
        practice=True,
    )
    return previews.preview(desk.people.centre.list_id, teams=None)


# --- payments -------------------------------------------------------------------------------------


def test_a_payment_lets_the_call_finish_and_ends_what_was_still_to_come(each_shift: Shift) -> None:
    shift, rules = each_shift, each_shift.desk.desk.rules
    desk, centre = shift.desk, shift.desk.people.centre
    call_id = shift.available()
    customer = whose(shift, call_id)
    with desk.desk.database.write() as session:
        owing(session, customer, centre.product_id)
        entry_id = desk.call(call_id).list_entry_id
        session.execute(
            insert(Callback).values(
                customer_id=int(customer[1:]),
                list_entry_id=entry_id,
                campaign_id=centre.campaign_id,
                cause="asked",
                due_at=TOMORROW,
                made_at=NOON,
            )
        )
        entry = session.get_one(ListEntry, entry_id)
        reserved.keep_for(session, entry.id, entry.list_id, user_id=None, due_at=NOON)
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    desk.settle()
    part = rules.payments.post(paid(customer, 400, "p0"), actor=MANAGER)
    assert (part.left_yen, part.closed) == (600, False)
    whole = rules.payments.post(paid(customer, 600), actor=MANAGER)
    assert (whole.left_yen, whole.closed) == (0, True)
    assert shift.gateway.newest(protocol.EndWithPrompt) is None
    with desk.desk.database.read() as session:
        assert session.scalars(select(Callback.state)).all() == ["cancelled"]
        assert session.scalars(select(ReservedEntry.list_entry_id)).all() == []
    shift.gateway.tell(unanswered(call_id))
    desk.settle()
    look_again(shift, customer)
    assert entry_of(desk, customer).closed_reason == "paid"
    assert [row.details["settled"] for row in audited(desk, "payment.posted")] == [False, True]


def test_a_queued_attempt_is_cancelled_when_its_debt_is_paid(each_shift: Shift) -> None:
    shift = each_shift
    call_id = shift.available()
    customer = whose(shift, call_id)
    with shift.desk.desk.database.write() as session:
        owing(session, customer, shift.desk.people.centre.product_id)
    shift.desk.desk.rules.payments.post(paid(customer), actor=MANAGER)
    assert shift.gateway.newest(protocol.EndWithPrompt).call_id == call_id


def test_a_payment_counts_once_and_names_one_debt(each_desk: SmallDesk) -> None:
    desk, payments = each_desk, each_desk.desk.rules.payments
    with desk.desk.database.write() as session:
        owing(session, "#1", desk.people.centre.product_id)
    for _ in range(2):
        entered = payments.post(paid("#1", 400), actor=MANAGER)
    assert entered.again
    with desk.desk.database.read() as session:
        assert session.scalars(select(Debt.amount_yen)).all() == [600]
        assert len(session.scalars(select(Payment.id)).all()) == 1
    unknown = refusal(lambda: payments.post(paid("#2", 1, "p2"), actor=MANAGER))
    assert unknown.error_id == "debt-unknown"
    nothing = refusal(lambda: payments.post(paid("#1", 0, "p3"), actor=MANAGER))
    assert nothing.error_id == "bad-payload"
    assert entry_of(desk, "#1").state == "ready"


# --- refusals -------------------------------------------------------------------------------------


def test_a_refusal_bars_person_and_numbers_for_the_product_only(each_desk: SmallDesk) -> None:
    desk, refusals = each_desk, each_desk.desk.rules.refusals
    refusals.refuse("#1", product="card", reason="不要", actor=LEAD)
    refusals.refuse("#1", product="card", reason="不要", actor=LEAD)
    with desk.desk.database.read() as session:
        rows = session.execute(
            select(DoNotCall.customer_id, DoNotCall.number_key, DoNotCall.product_id)
        ).all()
        key = session.scalars(select(Phone.number_key).where(Phone.customer_id == 1)).one()
    product_id = desk.people.centre.product_id
    assert sorted(rows, key=str) == sorted(
        [(1, None, product_id), (None, key, product_id)], key=str
    )
    assert entry_of(desk, "#1").closed_reason == "refused"
    unknown = refusal(lambda: refusals.refuse("#1", product="?", reason="x", actor=LEAD))
    assert unknown.error_id == "not-in-scope"


# --- overrides ------------------------------------------------------------------------------------


def wanted(rule_id: str = "R10", **fields: object) -> Wanted:
    told = {"subject": "customer", "whom": "#1", "reason": "x", "until": TOMORROW, **fields}
    return Wanted(rule_id, **told)  # type: ignore[arg-type]


def test_an_override_needs_role_reason_end_and_a_rule_that_can_be_lifted(
    small_desk: SmallDesk,
) -> None:
    overrides = small_desk.desk.rules.overrides
    for ask, actor, error in (
        (wanted("DNC"), MANAGER, "rule-not-liftable"),
        (wanted("R22"), MANAGER, "rule-not-liftable"),
        (wanted("R10"), LEAD, "role-too-low"),
        (wanted("R10", reason=" "), MANAGER, "reason-needed"),
        (wanted("R10", until=NOON), MANAGER, "until-needed"),
        (wanted("R10", until=NOON + timedelta(days=400)), MANAGER, "until-needed"),
        (wanted("R36", subject="campaign", whom="spring"), MANAGER, "rule-not-liftable"),
        (wanted("R01"), MANAGER, "consent-needed"),
        (wanted("R34", reason="consent"), LEAD, "consent-needed"),
        (wanted("R34", reason="because"), LEAD, "reason-needed"),
        (wanted("R10", whom="nobody"), MANAGER, "customer-unknown"),
        (wanted("R10", subject="number", whom="110"), MANAGER, "number-unusable"),
    ):
        verb = lambda a=ask, who=actor: overrides.grant(a, actor=who)  # noqa: E731
        assert refusal(verb).error_id == error, ask
    assert overrides.current(teams=None) == []
    override_id = overrides.grant(wanted(), actor=MANAGER)
    assert [(line.id, line.role) for line in overrides.current(teams=None)] == [
        (override_id, "manager")
    ]
    overrides.lift(override_id, actor=LEAD)
    assert refusal(lambda: overrides.lift(override_id, actor=LEAD)).error_id == "override-unknown"
    [row] = audited(small_desk, "override.granted")
    assert (row.actor, row.details["rule"], row.details["customer_id"]) == ("manager1", "R10", 1)


def test_withdrawn_consent_ends_the_override_that_rests_on_it(each_desk: SmallDesk) -> None:
    overrides = each_desk.desk.rules.overrides
    overrides.consent("#1", kind="after_hours", evidence="call 7", actor=LEAD)
    overrides.grant(wanted("R01"), actor=MANAGER)
    [line] = overrides.current(teams=None)
    assert line.manual_only
    overrides.withdraw_consent("#1", kind="after_hours", actor=LEAD)
    assert overrides.current(teams=None) == []
    again = refusal(lambda: overrides.withdraw_consent("#1", kind="after_hours", actor=LEAD))
    assert again.error_id == "consent-unknown"


# --- by hand --------------------------------------------------------------------------------------


def test_a_customer_dialed_by_hand_is_shown_and_called_with_one_press(each_shift: Shift) -> None:
    shift = each_shift
    shift.desk.desk.campaigns.set_pacing(  # nobody is called by itself meanwhile
        shift.desk.seat().campaign_id, mode="preview", ratio=1.0, actor="lead1", teams=None
    )
    shift.alive()
    shift.page.do("go_available")
    hand_calls(shift.desk).dial(SeatId("operator1"), "#3", actor="operator1", teams=None)
    shift.desk.tick()
    call = shift.desk.call(str(shift.desk.seat().call_id))
    assert (call.customer_id, call.preview) == (CustomerId(3), True)
    assert shift.gateway.newest(protocol.PlaceCall) is None
    shift.page.do("place_previewed")
    shift.desk.settle()
    assert shift.gateway.newest(protocol.PlaceCall).call_id == call.call_id


def test_the_page_counts_against_the_cap_the_call_was_judged_by(each_shift: Shift) -> None:
    shift, desk = each_shift, each_shift.desk.desk
    shift.talk()
    with desk.database.write() as session:
        session.execute(update(Campaign).values(daily_cap=1))
    desk.book.reload()
    call = shift.page.fresh()["call"]
    assert (call["number_today"], call["cap_today"]) == (1, 2), "the new one is for later calls"
    with desk.database.read() as session:
        [after_a_restart] = floor_rows.load(session, shift.desk.clock.now()).calls
    assert after_a_restart.cap_today == 2


def test_the_rules_forbid_by_hand_too_and_the_audit_says_so(each_shift: Shift) -> None:
    shift, rules = each_shift, each_shift.desk.desk.rules
    shift.desk.desk.campaigns.set_pacing(
        shift.desk.seat().campaign_id, mode="preview", ratio=1.0, actor="lead1", teams=None
    )
    shift.alive()
    shift.page.do("go_available")
    rules.holds.put("#3", reason="lawyer_notice", until=None, actor=LEAD)
    hand = hand_calls(shift.desk)
    seat = SeatId("operator1")
    refused = refusal(lambda: hand.dial(seat, "#3", actor="operator1", teams=None))
    assert (refused.error_id, refused.details["rules"]) == ("call-forbidden", "R36")
    [blocked] = audited(shift.desk, "call.blocked")
    assert (blocked.actor, blocked.details["channel"]) == ("operator1", "manual")
    rules.overrides.grant(wanted("R36", whom="#3", reason="court asks"), actor=MANAGER)
    hand.dial(seat, "#3", actor="operator1", teams=None)
    shift.desk.tick()
    assert shift.desk.call(str(shift.desk.seat().call_id)).customer_id == 3
    [override] = audited(shift.desk, "call.override")
    assert override.details["lifted"] == ["R36"]
    assert override.details["entries"][0]["overrides"]
    elsewhere = refusal(lambda: hand.dial(seat, "#3", actor="lead2", teams=frozenset({99})))
    assert elsewhere.error_id == "not-in-scope"


def test_r34_a_workplace_may_be_called_once_on_one_override(each_shift: Shift) -> None:
    """Used up by the call it allowed; one that never rang was none (R34)."""
    shift, rules = each_shift, each_shift.desk.desk.rules
    shift.desk.desk.campaigns.set_pacing(
        shift.desk.seat().campaign_id, mode="preview", ratio=1.0, actor="lead1", teams=None
    )
    with shift.desk.desk.database.write() as session:
        session.execute(update(Phone).where(Phone.customer_id == 3).values(kind="work"))
    rules.overrides.grant(wanted("R34", whom="#3", reason="contact_changed"), actor=LEAD)
    hand, seat = hand_calls(shift.desk), SeatId("operator1")
    for rang in (False, True):
        shift.alive()
        shift.page.do("go_available")
        assert len(rules.overrides.current(teams=None)) == 1
        hand.dial(seat, "#3", actor="operator1", teams=None)
        shift.desk.tick()
        call_id = str(shift.desk.seat().call_id)
        shift.page.do("place_previewed")
        shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"))
        if rang:
            shift.gateway.tell(protocol.CallRinging(call_id, 180))
        shift.gateway.tell(unanswered(call_id, rang=rang))
        shift.desk.tick(20 * 60)
    assert rules.overrides.current(teams=None) == []
    shift.desk.clock.advance(4 * 3600)
    refused = refusal(lambda: hand.dial(seat, "#3", actor="operator1", teams=None))
    assert refused.details["rules"] == "R34"
    [used] = audited(shift.desk, "override.used")
    assert used.details == {"call": call_id}
