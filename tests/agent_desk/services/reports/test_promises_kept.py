"""Kept rates by count and by yen, computed by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from agent_desk.models.customers import Debt, Payment
from agent_desk.models.results import Promise, PromisePart
from agent_desk.services.reports.promises_kept import PromiseFigures, figures
from agent_desk.store.reports import due_parts
from agent_desk.store.reports.due_parts import PromisesWanted
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import add_entries, at, small_centre

MADE = date(2026, 11, 24)
DUE = date(2026, 11, 30)
LONG_AFTER = date(2026, 12, 31)
Parts = list[tuple[date, int | None, str]]


@pytest.fixture
def story(database: Database) -> Story:
    with database.write() as session:
        centre = small_centre(session)
        add_entries(session, centre.list_id, 8)
    return Story(database, centre)


def promise(story: Story, parts: Parts, *, by: str = "operator1", state: str = "open") -> int:
    """A promise of a customer of its own, with a debt that can be paid; the customer's id."""
    row = story.lease(at(10))
    with story.database.write() as session:
        amounts = [amount for _, amount, _ in parts if amount is not None]
        made = session.execute(
            insert(Promise).values(
                call_id=row.call_id,
                customer_id=row.customer_id,
                user_id=story.centre.users[by],
                due_on=parts[0][0],
                amount_yen=sum(amounts) if amounts else None,
                state=state,
                made_at=at(20),
            )
        ).inserted_primary_key[0]
        for position, (due_on, amount, part_state) in enumerate(parts, start=1):
            session.execute(
                insert(PromisePart).values(
                    promise_id=made,
                    position=position,
                    due_on=due_on,
                    amount_yen=amount,
                    state=part_state,
                )
            )
        session.execute(
            insert(Debt).values(
                customer_id=row.customer_id,
                product_id=story.centre.product_id,
                external_id=f"D{row.customer_id}",
                amount_yen=100_000,
                due_on=MADE,
                created_at=at(0),
            )
        )
    return row.customer_id


def pay(story: Story, customer_id: int, on: date, yen: int, *, taken_back: bool = False) -> None:
    with story.database.write() as session:
        debt = session.query(Debt).filter_by(customer_id=customer_id).one()
        session.execute(
            insert(Payment).values(
                debt_id=debt.id,
                amount_yen=yen,
                paid_on=on,
                source="bank",
                external_id=f"{customer_id}-{on}-{yen}",
                reversed_at=at(90) if taken_back else None,
                created_at=at(80),
            )
        )


def told(story: Story, *, today: date = LONG_AFTER, **more) -> PromiseFigures:
    options = {key: more.pop(key) for key in ("by", "share") if key in more}
    wanted = PromisesWanted(**({"first": DUE, "last": DUE} | more))
    with story.database.read() as session:
        return figures(session, wanted, today=today, **options)


def seven(story: Story) -> None:
    """Kept, kept on the last day of grace, in part, too late, never, withdrawn, no amount."""
    on_time = promise(story, [(DUE, 10_000, "kept")], state="kept")
    pay(story, on_time, DUE, 10_000)
    in_grace = promise(story, [(DUE, 4_000, "open")])
    pay(story, in_grace, DUE + timedelta(days=3), 5_000)
    in_part = promise(story, [(DUE, 10_000, "broken")], state="broken")
    pay(story, in_part, DUE, 8_000)
    late = promise(story, [(DUE, 6_000, "broken")], by="operator2", state="broken")
    pay(story, late, DUE + timedelta(days=4), 6_000)
    promise(story, [(DUE, 20_000, "broken")], by="operator2", state="broken")
    promise(story, [(DUE, 9_000, "open")], state="withdrawn")
    unnamed = promise(story, [(DUE, None, "kept")], state="kept")
    pay(story, unnamed, MADE, 1)


def test_kept_rates_by_count_and_by_yen(story: Story) -> None:
    seven(story)
    total = told(story).total
    assert total.counts == {"coming": 0, "kept": 3, "part": 1, "broken": 2, "withdrawn": 1}
    assert (total.matured, total.kept_share) == (6, 0.5)
    # 10,000 + 4,000 + 8,000 of 10,000 + 4,000 + 10,000 + 6,000 + 20,000; one had no amount.
    assert (total.received_yen, total.yen, total.open_amounts) == (22_000, 50_000, 1)
    assert total.received_share == 0.44


@pytest.mark.parametrize(("share", "kept", "part"), [(100, 3, 1), (81, 3, 1), (80, 4, 0)])
def test_the_partial_rule_moves_counts_and_no_yen(
    story: Story, share: int, kept: int, part: int
) -> None:
    seven(story)
    total = told(story, share=share).total
    assert (total.counts["kept"], total.counts["part"]) == (kept, part)
    assert (total.received_yen, total.yen) == (22_000, 50_000)


def test_nothing_has_matured_before_grace_is_over_though_it_was_paid(story: Story) -> None:
    seven(story)
    before = told(story, today=DUE + timedelta(days=3)).total
    assert (before.counts["coming"], before.matured, before.kept_share) == (6, 0, None)
    assert (before.yen, before.received_share) == (0, None)
    assert told(story, today=DUE + timedelta(days=4)).total.matured == 6


def test_payments_go_to_the_parts_in_the_order_of_their_dates(story: Story) -> None:
    second = DUE + timedelta(days=30)
    customer = promise(story, [(DUE, 3_000, "kept"), (second, 3_000, "broken")], state="broken")
    pay(story, customer, MADE, 3_000)
    pay(story, customer, DUE, 1_000)
    first = told(story, today=date(2027, 2, 1)).total
    later = told(story, today=date(2027, 2, 1), first=second, last=second).total
    assert (first.counts["kept"], first.received_yen) == (1, 3_000)
    assert (later.counts["part"], later.received_yen) == (1, 1_000)
    both = told(story, today=date(2027, 2, 1), last=second)
    assert [line.part.position for line in both.lines] == [1, 2]
    assert (both.total.matured, both.total.received_yen) == (2, 4_000)


def test_what_was_taken_back_and_what_came_before_the_promise_are_no_payments(
    story: Story,
) -> None:
    customer = promise(story, [(DUE, 5_000, "broken")], state="broken")
    pay(story, customer, DUE, 5_000, taken_back=True)
    pay(story, customer, MADE - timedelta(days=1), 5_000)
    total = told(story).total
    assert (total.counts["broken"], total.received_yen) == (1, 0)


def test_what_was_judged_kept_stays_kept(story: Story) -> None:
    customer = promise(story, [(DUE, 5_000, "kept")], state="kept")
    pay(story, customer, DUE, 5_000, taken_back=True)
    total = told(story).total
    assert (total.counts["kept"], total.received_yen) == (1, 5_000)


def test_by_whom_for_what_and_when(story: Story) -> None:
    seven(story)
    rows = dict(told(story, by="operator").rows)
    assert rows["operator1 (operator1)"].kept_share == 0.75
    assert (rows["operator2 (operator2)"].kept_share, rows["operator2 (operator2)"].yen) == (
        0.0,
        26_000,
    )
    for by, key in (
        ("campaign", "spring"),
        ("product", "card"),
        ("day", "2026-11-30"),
        ("month", "2026-11"),
    ):
        ((found, sums),) = told(story, by=by).rows
        assert (found, sums.matured) == (key, 6)


def test_scope_and_filters_narrow_what_is_summed(story: Story) -> None:
    seven(story)
    centre = story.centre
    only = told(story, user_id=centre.users["operator2"])
    assert only.total.matured == 2
    assert told(story, teams={centre.team_id}, campaign_id=1, product_id=1).total.matured == 6
    for nothing in ({"teams": {99}}, {"campaign_id": 99}, {"product_id": 99}, {"user_id": 99}):
        assert told(story, **nothing).lines == []
    assert told(story, first=MADE, last=DUE - timedelta(days=1)).lines == []
    with story.database.read() as session:
        assert due_parts.people(session, {centre.team_id}) == [(1, "operator1"), (2, "operator2")]
        assert due_parts.people(session, {99}) == due_parts.products(session, {99}) == []
        assert due_parts.products(session, None) == [(centre.product_id, "card")]


def test_a_replaced_promise_is_of_no_figure(story: Story) -> None:
    promise(story, [(DUE, 5_000, "open")])
    with story.database.write() as session:
        session.execute(update(Promise).values(state="replaced"))
    assert told(story).lines == []
