"""Calls counted by any axes together are those a loop over the rows counts."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.business_time import JST
from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.campaigns import Campaign, CampaignTeam, Product
from agent_desk.models.customers import Customer
from agent_desk.models.lists import CustomerList, ListEntry
from agent_desk.models.results import StatusMark
from agent_desk.models.users import Team, User
from agent_desk.store.facts import axes, figures, groups, pivot, rows
from agent_desk.store.facts.axes import UnknownAxis
from agent_desk.store.facts.pivot import Asked, Cancelled, UnknownSum
from agent_desk.store.facts.reading import Facts
from agent_desk.store.facts.writing import FactWriter
from agent_desk.store.unit_of_work import Session
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import finish

START, END = datetime(2026, 10, 1, tzinfo=JST), datetime(2027, 1, 15, tzinfo=JST)


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    made = RandomCentre(story, 41)
    with story.database.write() as session:
        for number, (_, customer) in enumerate(made.entries):
            said = json.dumps([["ランク", "ABC"[number % 3]], ["地区", f"第{number % 4}"]])
            session.execute(
                update(Customer)
                .where(Customer.id == customer)
                .values(fields_sealed=SEALER.seal(said), delinquency=("light", None)[number % 2])
            )
    made.go_on(500)
    finish(made)
    return made


@pytest.fixture
def facts(centre: RandomCentre, tmp_path: Path) -> Facts:
    writer = FactWriter(
        tmp_path / "facts",
        database=centre.story.database,
        identity="one",
        sealer=SEALER,
        now=lambda: centre.now,
        portion=200,
    )
    writer.catch_up()
    return Facts(writer.directory, SEALER)


def _pairs(session: Session, query: Any) -> dict[Any, Any]:
    return {key: value for key, value in session.execute(query)}


@dataclass
class Names:
    """What ids are called."""

    session: Session

    def __post_init__(self) -> None:
        self.people = {user.id: user for user in self.session.scalars(select(User))}
        self.teams = _pairs(self.session, select(Team.id, Team.name))
        self.campaigns = {each.id: each for each in self.session.scalars(select(Campaign))}
        self.products = _pairs(self.session, select(Product.id, Product.name))
        self.lists = _pairs(self.session, select(CustomerList.id, CustomerList.name))
        self.entries = _pairs(self.session, select(ListEntry.id, ListEntry.list_id))
        self.customers = {each.id: each for each in self.session.scalars(select(Customer))}
        every = self.session.scalars(select(Attempt.id)).all()
        self.tries = rows.try_numbers(self.session, every)

    def of_time(self, leased: datetime) -> dict[str, str]:
        at = leased.astimezone(JST)
        return {
            "month": f"{at:%Y-%m}",
            "day": f"{at:%Y-%m-%d}",
            "weekday": str(at.weekday()),
            "hour": str(at.hour),
        }

    def of_people(self, attempt: Attempt, call: Call) -> dict[str, str]:
        user = self.people.get(call.seat_user_id or 0)
        customer = self.customers[attempt.customer_id or 0]
        fields = dict(json.loads(SEALER.open(customer.fields_sealed or b"")))
        return {
            "operator": user.name if user else "",
            "team": self.teams[user.team_id] if user else "",
            "delinquency": customer.delinquency or "",
            "field:ランク": fields["ランク"],
            "field:地区": fields["地区"],
        }


def by_hand(session: Session, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every placed attempt of the period as the words of its axes, once for each status."""
    of = Names(session)
    query = select(Attempt, Call, AttemptOutcome.outcome).where(
        Attempt.id == Call.id,
        AttemptOutcome.attempt_id == Attempt.id,
        Attempt.placed_at.is_not(None),
        Attempt.leased_at >= START,
        Attempt.leased_at < END,
    )
    found = []
    for attempt, call, outcome in session.execute(query):
        campaign = of.campaigns[attempt.campaign_id]
        if campaign.training:
            continue
        marked = (StatusMark.call_id == call.id, StatusMark.current, StatusMark.marked)
        on = sorted(session.scalars(select(StatusMark.code).where(*marked)))
        waited = call.bridged_at and (call.bridged_at - call.answered_at)
        first = of.tries[attempt.id] == 1
        row = {
            **of.of_time(attempt.leased_at),
            **of.of_people(attempt, call),
            "campaign": campaign.name,
            "product": of.products[campaign.product_id],
            "list": of.lists[of.entries[attempt.list_entry_id]],
            "outcome": outcome,
            "identity": call.identity,
            "try_number": str(of.tries[attempt.id]),
            "on": on,
            "answered": call.answered_at is not None,
            "bridged": call.bridged_at is not None,
            "first": first,
            "first_contacts": first and "contact" in on,
            "bridge_ms": waited // timedelta(milliseconds=1) if waited else 0,
        }
        found += [{**row, "status": code} for code in on] if "status" in names else [row]
    return found


SUMS = ("attempts", "answered", "bridged", "valid", "first_attempts", "first_contacts", "bridge_ms")


def counted(told: list[dict[str, Any]], names: tuple[str, ...]) -> dict[Any, dict[str, int]]:
    groups: dict[Any, Counter[str]] = {}
    for row in told:
        sums = groups.setdefault(tuple(row[name] for name in names), Counter())
        sums["attempts"] += 1
        sums["answered"] += row["answered"]
        sums["bridged"] += row["bridged"]
        sums["valid"] += "valid" in row["on"]
        sums["first_attempts"] += row["first"]
        sums["first_contacts"] += row["first_contacts"]
        sums["bridge_ms"] += row["bridge_ms"]
    return {key: {name: sums[name] for name in SUMS} for key, sums in groups.items()}


def whole(facts: Facts, session: Session, names: tuple[str, ...], **only: Any) -> dict[Any, Any]:
    asked = Asked(START, END, names, SUMS, only)
    scope = figures.scope_of(session, None, None)
    found = pivot.pivot(facts, session, asked, scope)
    return {group.names: dict(group.sums) for group in found}


AXES = [
    "month",
    "day",
    "weekday",
    "hour",
    "operator",
    "team",
    "campaign",
    "product",
    "list",
    "outcome",
    "identity",
    "try_number",
    "delinquency",
    "field:ランク",
    "field:地区",
    "status",
]


def test_every_axis_and_any_of_them_together_count_what_a_loop_counts(
    centre: RandomCentre, facts: Facts
) -> None:
    wish = random.Random(2)
    together = [(name,) for name in AXES]
    together += [tuple(wish.sample(AXES, wish.randrange(2, 5))) for _ in range(8)]
    with centre.story.database.read() as session:
        for names in together:
            told = by_hand(session, names)
            assert whole(facts, session, names) == counted(told, names), names


def test_groups_that_are_too_many_for_one_array_are_the_same(
    centre: RandomCentre, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("day", "operator", "field:地区")
    with centre.story.database.read() as session:
        dense = whole(facts, session, names)
        monkeypatch.setattr(groups, "DENSE", 1)
        assert whole(facts, session, names) == dense
    assert len(dense) > 20


def test_a_filter_keeps_what_has_one_of_the_names_and_the_calls_behind_are_those(
    centre: RandomCentre, facts: Facts
) -> None:
    only = {
        "field:ランク": frozenset({"A", "B"}),
        "status": frozenset({"contact", "valid"}),
        "outcome": frozenset({"human"}),
    }
    with centre.story.database.read() as session:
        told = [
            row
            for row in by_hand(session, ())
            if row["field:ランク"] in "AB"
            and {"contact", "valid"} & set(row["on"])
            and row["outcome"] == "human"
        ]
        assert whole(facts, session, (), **only) == counted(told, ())
        asked = Asked(START, END, (), (), only)
        scope = figures.scope_of(session, None, None)
        calls, number = pivot.calls_behind(facts, session, asked, scope, most=3)
        assert (len(calls), number) == (3, len(told))
        leased = [session.get_one(Attempt, call).leased_at for call in calls]
    assert leased == sorted(leased, reverse=True)


def test_statuses_of_ones_own_are_sums_like_the_others(centre: RandomCentre, facts: Facts) -> None:
    """B13: a status that is pressed has its column, without a restart of anything."""
    with centre.story.database.read() as session:
        asked = Asked(START, END, ("campaign",), ("status:wrong_person",), {})
        found = pivot.pivot(facts, session, asked, figures.scope_of(session, None, None))
        told = Counter(
            row["campaign"] for row in by_hand(session, ()) if "wrong_person" in row["on"]
        )
    assert {each.names[0]: each.sums["status:wrong_person"] for each in found} == told


def test_a_lead_counts_the_calls_of_their_teams_campaigns(
    centre: RandomCentre, facts: Facts
) -> None:
    with centre.story.database.write() as session:
        theirs = CampaignTeam.campaign_id == centre.campaigns[1]
        for row in session.scalars(select(CampaignTeam).where(theirs)):
            session.delete(row)
    with centre.story.database.read() as session:
        name = session.get_one(Campaign, centre.campaigns[0]).name
        asked = Asked(START, END, ("campaign",), ("attempts",), {})
        scope = figures.scope_of(session, None, {centre.story.centre.team_id})
        found = pivot.pivot(facts, session, asked, scope)
        assert [each.names for each in found] == [(name,)]
        nobodys = figures.scope_of(session, None, {centre.story.centre.team_id + 1})
        assert list(pivot.pivot(facts, session, asked, nobodys)) == []


def test_progress_is_told_month_by_month_and_may_end_it(centre: RandomCentre, facts: Facts) -> None:
    told: list[float] = []

    def on(share: float) -> bool:
        told.append(share)
        return share < 0.4

    with centre.story.database.read() as session:
        asked = Asked(START, END, ("hour",), ("attempts",), {})
        scope = figures.scope_of(session, None, None)
        with pytest.raises(Cancelled):
            pivot.pivot(facts, session, asked, scope, progress=on)
    assert told == [0.25, 0.5]


@pytest.mark.parametrize("code", ["", "name", "field:", "field:nobody", "leased", "__class__"])
def test_what_cannot_be_counted_by_is_said(centre: RandomCentre, facts: Facts, code: str) -> None:
    with centre.story.database.read() as session, pytest.raises(UnknownAxis):
        axes.find(code, facts, session)


def test_what_cannot_be_added_up_is_said(centre: RandomCentre, facts: Facts) -> None:
    with centre.story.database.read() as session, pytest.raises(UnknownSum):
        asked = Asked(START, END, ("hour",), ("customer",), {})
        pivot.pivot(facts, session, asked, figures.scope_of(session, None, None))
