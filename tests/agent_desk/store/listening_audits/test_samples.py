"""Blindness, scope and what can be drawn, asked of the rows themselves, on each database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from agent_desk.dialer.business_time import at
from agent_desk.models.calls import Recording
from agent_desk.models.campaigns import Campaign
from agent_desk.models.customers import Customer
from agent_desk.models.listening_audits import ListeningSample, ListeningScore
from agent_desk.store.customers import erasure, held
from agent_desk.store.listening_audits import drawing, samples, scores, settings
from agent_desk.store.listening_audits.samples import Viewer
from agent_desk.store.listening_audits.settings import SettingRow
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database, Session
from tests.agent_desk.listening_rows import MONDAY, add_sheet, add_talk, add_talks
from tests.agent_desk.store.desk_rows import NOON, SEALER, Centre, add_customer, small_centre

SPAN = at(MONDAY, 0), at(MONDAY + timedelta(days=7), 0)
FIRST_TALK, SECOND_TALK = 0, 1


@dataclass
class Drawn:
    """A week of two drawn calls of operator1; the first is for two listeners."""

    centre: Centre
    week_id: int
    sample_ids: list[int]
    lead: Viewer
    manager: Viewer
    compliance: Viewer
    stranger: Viewer


def drawn_week(session: Session) -> Drawn:
    centre = small_centre(session)
    operator_id = centre.users["operator1"]
    people = [
        accounts.add_user(
            session,
            username=role,
            name=role,
            role=role,
            team_id=None,
            password_hash="",
            at=NOON,
        )
        for role in ("lead", "manager", "compliance")
    ]
    calls = add_talks(session, operator_id, 2)
    settings.add(session, SettingRow(1, 2, 50, [], "system", NOON), at=NOON)
    week = {"monday": MONDAY, "seed": "5a" * 32, "settings_version": 1, "by": "lead", "at": NOON}
    week_id = drawing.add_week(session, **week, operators=1, candidates=2)
    drawing.add_samples(
        session,
        [
            {
                "week_id": week_id,
                "operator_id": operator_id,
                "place": place,
                "call_id": call_id,
                "drawn_hash": f"{place:064x}",
                "second_wanted": place == 1,
            }
            for place, call_id in enumerate(calls, start=1)
        ],
    )
    whole = Viewer(people[1], None)
    rows = samples.page(session, whole, week_id, shown="all", after=None, limit=9)
    return Drawn(
        centre,
        week_id,
        [row.id for row in rows],
        Viewer(people[0], {centre.team_id}),
        whole,
        Viewer(people[2], None),
        Viewer(people[0], {centre.team_id + 1}),
    )


def score(session: Session, sample_id: int, viewer: Viewer, position: int, level: str) -> None:
    scores.add(
        session,
        {"manner": level},
        sample_id=sample_id,
        position=position,
        listener_id=viewer.user_id,
        permille=1000 if level == "met" else 500,
        knocked_out=False,
        remark_sealed=None,
        at=NOON,
    )


def seen(session: Session, drawn: Drawn, viewer: Viewer) -> list[tuple[int, int]]:
    """(which sample, position) of every sheet somebody may see."""
    found = samples.scores(session, viewer, drawn.sample_ids)
    in_file = scores.sheets(session, viewer, drawn.week_id, limit=99)
    assert [row.id for row in found] == [row.score_id for row in in_file]
    return [(drawn.sample_ids.index(row.sample_id), row.position) for row in found]


def means(session: Session, viewer: Viewer) -> list[tuple[int, float | None]]:
    rows = scores.by_operator(session, viewer, since=MONDAY, after=None, limit=9)
    return [(row.calls, row.permille) for row in rows]


def test_a48_neither_listener_sees_the_other_before_both_are_done(database: Database) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[FIRST_TALK], drawn.lead, 1, "met")
    with database.read() as session:
        assert seen(session, drawn, drawn.lead) == [(FIRST_TALK, 1)]
        for blind in (drawn.manager, drawn.compliance):
            assert seen(session, drawn, blind) == []
            assert means(session, blind) == []
            assert scores.pairs(session, blind, since=MONDAY) == {}
        assert means(session, drawn.lead) == []  # nor does one's own sheet tell by a mean
    with database.write() as session:
        score(session, drawn.sample_ids[FIRST_TALK], drawn.manager, 2, "partly")
    with database.read() as session:
        for viewer in (drawn.lead, drawn.manager, drawn.compliance):
            assert seen(session, drawn, viewer) == [(FIRST_TALK, 1), (FIRST_TALK, 2)]
            assert means(session, viewer) == [(1, 750.0)]
            pairs = scores.pairs(session, viewer, since=MONDAY)
            assert pairs == {"manner": Counter({("met", "partly"): 1})}


def test_a_call_that_one_hears_alone_is_everybodys_at_once(database: Database) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[SECOND_TALK], drawn.lead, 1, "met")
    with database.read() as session:
        assert seen(session, drawn, drawn.compliance) == [(SECOND_TALK, 1)]
        assert means(session, drawn.compliance) == [(1, 1000.0)]
        assert samples.counts(session, drawn.lead, drawn.week_id) == {
            **{"all": 2, "open": 1, "second": 0},
            **{"done": 1, "gone": 0},
        }


def test_nobody_is_their_own_second_and_there_is_no_third(database: Database) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[FIRST_TALK], drawn.lead, 1, "met")
    for viewer, position in ((drawn.lead, 2), (drawn.manager, 1), (drawn.manager, 3)):
        with pytest.raises(IntegrityError), database.write() as session:
            score(session, drawn.sample_ids[FIRST_TALK], viewer, position, "met")


def test_another_team_and_ones_own_talks_are_out_of_sight(database: Database) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[SECOND_TALK], drawn.manager, 1, "met")
    own = Viewer(drawn.centre.users["operator1"], {drawn.centre.team_id})
    with database.read() as session:
        for viewer in (drawn.stranger, own):
            assert samples.one(session, viewer, drawn.sample_ids[0]) is None
            page = {"shown": "all", "after": None, "limit": 9}
            assert samples.page(session, viewer, drawn.week_id, **page) == []
            assert seen(session, drawn, viewer) == []
            assert means(session, viewer) == []
            assert scores.by_team(session, viewer, since=MONDAY) == []
            assert samples.counts(session, viewer, drawn.week_id)["all"] == 0
        [team] = scores.by_team(session, drawn.lead, since=MONDAY)
        assert (team.name, team.calls, team.rated, team.permille) == ("first", 1, 1, 1000.0)


def test_only_talks_of_the_week_that_can_be_heard_are_drawn(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        operator_id = centre.users["operator1"]
        good = [
            add_talk(session, "first", operator_id, talked_at=SPAN[0]),
            add_talk(session, "sealed", operator_id, recording="sealed"),
            add_talk(session, "last", operator_id, talked_at=SPAN[1] - timedelta(seconds=1)),
        ]
        add_talk(session, "before", operator_id, talked_at=SPAN[0] - timedelta(seconds=1))
        add_talk(session, "after", operator_id, talked_at=SPAN[1])
        add_talk(session, "unrecorded", operator_id, recording=None)
        for state in ("failed", "damaged", "deleting", "deleted"):
            add_talk(session, state, operator_id, recording=state)
        erased = add_customer(session, "+819011112222")
        session.execute(update(Customer).where(Customer.id == erased).values(erased_at=NOON))
        add_talk(session, "erased", operator_id, customer_id=erased)
        add_talk(session, "others", centre.users["operator2"])
        found = drawing.candidates(session, operator_id, between=SPAN)
        assert sorted(found) == sorted(good)
        session.execute(update(Campaign).values(training=True))
        assert not drawing.candidates(session, operator_id, between=SPAN)


def test_what_is_gone_before_a_second_listener_came_opens_the_first_sheet(
    database: Database,
) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[FIRST_TALK], drawn.lead, 1, "partly")
        assert drawing.unheard(session, drawn.week_id, limit=9) == []
        session.execute(update(Recording).values(state="deleted"))
        found = drawing.unheard(session, drawn.week_id, limit=9)
        assert [(row.sample_id, row.reason, row.scores) for row in found] == [
            (drawn.sample_ids[FIRST_TALK], "deleted", 1),
            (drawn.sample_ids[SECOND_TALK], "deleted", 0),
        ]
        assert drawing.mark_gone(session, drawn.sample_ids[FIRST_TALK], reason="deleted", at=NOON)
        assert not drawing.mark_gone(session, drawn.sample_ids[FIRST_TALK], reason="x", at=NOON)
        assert seen(session, drawn, drawn.manager) == [(FIRST_TALK, 1)]
        assert means(session, drawn.manager) == [(1, 500.0)]


def test_a_page_goes_on_behind_the_last_row_and_shows_what_is_asked_for(
    database: Database,
) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        score(session, drawn.sample_ids[FIRST_TALK], drawn.lead, 1, "met")
        first, second = drawn.sample_ids
        operator_id = drawn.centre.users["operator1"]

        def page(shown: str, after: tuple[int, int] | None = None) -> list[int]:
            rows = samples.page(
                session, drawn.lead, drawn.week_id, shown=shown, after=after, limit=1
            )
            return [row.id for row in rows]

        assert page("all") == [first]
        assert page("all", (operator_id, 1)) == [second]
        assert page("all", (operator_id, 2)) == []
        assert [page(shown) for shown in ("open", "second", "done")] == [[second], [first], []]
        row = samples.one(session, drawn.lead, first)
        assert row is not None
        assert (row.scores, row.scored_by_viewer) == (1, True)


def test_a_decision_is_made_once_and_says_which_sheet_counts(database: Database) -> None:
    with database.write() as session:
        drawn = drawn_week(session)
        first = drawn.sample_ids[FIRST_TALK]
        score(session, first, drawn.lead, 1, "met")
        score(session, first, drawn.manager, 2, "partly")
        by = drawn.compliance.user_id
        assert samples.decide(session, first, stands=2, sealed=b"s", by=by, at=NOON)
        assert not samples.decide(session, first, stands=1, sealed=b"s", by=by, at=NOON)
        assert means(session, drawn.lead) == [(1, 500.0)]
        row = samples.one(session, drawn.lead, first)
        assert row is not None
        assert (row.stands, row.decided_by, row.decided_at) == (2, "compliance", NOON)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(ListeningSample).values(stands=3))


def test_what_was_remarked_goes_with_the_customer(database: Database) -> None:
    with database.write() as session:
        centre = small_centre(session)
        customer_id = add_customer(session, "+819011112222")
        add_talk(session, "talk", centre.users["operator1"], customer_id=customer_id)
        add_sheet(session, "talk", centre.users["operator2"], "山田様の件")
        session.flush()
        everything = held.held(session, customer_id)
        erasure.erase(session, SEALER, customer_id, everything, at=NOON, actor="admin1")
    with database.read() as session:
        score = session.scalars(select(ListeningScore)).one()
        assert (score.remark_sealed, score.permille) == (None, 1000)
