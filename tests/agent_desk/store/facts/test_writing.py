"""Passes interrupted, rows that come late, databases that go back: nothing is counted twice and
nothing is missing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from agent_desk.models.calls import Attempt, AttemptOutcome, Call
from agent_desk.models.customers import Customer
from agent_desk.models.results import Promise, Result, StatusMark
from agent_desk.models.seat_moves import SeatMove
from agent_desk.store.facts import manifest, people, rows, segments, writing
from agent_desk.store.facts.layout import CALLS, INTERVALS, KEY
from agent_desk.store.facts.reading import Facts, NoFacts
from agent_desk.store.facts.writing import FactWriter
from tests.agent_desk.store.desk_events import Story
from tests.agent_desk.store.desk_rows import SEALER
from tests.agent_desk.store.facts.random_centre import RandomCentre
from tests.agent_desk.store.facts.test_figures import agree, finish


@pytest.fixture
def centre(story: Story) -> RandomCentre:
    made = RandomCentre(story, 23)
    made.go_on(150)
    return made


@pytest.fixture
def opened(centre: RandomCentre, tmp_path: Path) -> Callable[..., FactWriter]:
    def made(identity: str = "one", **more: int) -> FactWriter:
        return FactWriter(
            tmp_path / "facts",
            database=centre.story.database,
            identity=identity,
            sealer=SEALER,
            now=lambda: centre.now,
            **more,
        )

    return made


def check(centre: RandomCentre, writer: FactWriter) -> None:
    finish(centre)
    writer.catch_up()
    agree(centre, Facts(writer.directory, SEALER), random.Random(1))


class Killed(BaseException):
    """As SIGKILL: nothing after it runs."""


@pytest.mark.parametrize("step", ["words", "segment", "manifest", "merged"])
def test_a_writer_that_is_killed_anywhere_leaves_what_was_committed(
    centre: RandomCentre,
    opened: Callable[..., FactWriter],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    writer = opened(portion=30)
    writer.one_pass()
    place, name = {
        "words": (writing.Words, "save"),
        "segment": (segments, "write"),
        "manifest": (manifest, "write"),
        "merged": (FactWriter, "_merge_month"),
    }[step]
    real, calls = getattr(place, name), 0

    def killed(*given: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise Killed
        return real(*given, **more)

    monkeypatch.setattr(place, name, killed)
    deaths = 0
    for _ in range(12):
        centre.go_on(20)
        try:
            writer.one_pass()
        except Killed:
            deaths += 1
            writer = opened(portion=30)
    monkeypatch.undo()
    assert deaths
    check(centre, opened(portion=30))


def test_a_lease_committed_after_a_later_one_is_not_missed(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    writer.catch_up()
    early = centre.now
    centre.now += timedelta(seconds=10)
    with centre.story.database.write() as session:
        centre.lease(session)
    writer.catch_up()
    later, centre.now = centre.now, early + timedelta(seconds=3)
    with centre.story.database.write() as session:
        centre.lease(session)
    centre.now = later + timedelta(hours=1)
    check(centre, writer)


def test_facts_of_another_database_are_forgotten(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    opened("another").catch_up()
    writer = opened()
    assert writer.manifest.generation == 0
    check(centre, writer)


def test_an_older_state_put_back_is_noticed_and_read_anew(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    with centre.story.database.write() as session:
        for table in (StatusMark, Promise, Result, AttemptOutcome, Call, Attempt, SeatMove):
            session.execute(delete(table))
    centre.calls, centre.live = [], []
    writer.catch_up()
    facts.follow()
    assert facts.months(CALLS) == []
    centre.go_on(50)
    check(centre, writer)


def test_moves_that_go_back_in_time_are_read_anew(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    writer.catch_up()
    with centre.story.database.write() as session:
        session.add(
            SeatMove(
                seat_id="x",
                user_id=centre.users[0],
                from_state="away",
                to_state="offline",
                cause="test",
                at=centre.now - timedelta(days=10),
            )
        )
    check(centre, writer)


def test_many_small_segments_become_few(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    for _ in range(24):
        centre.go_on(12)
        writer.catch_up()
    for by_month in writer.manifest.segments.values():
        assert max(len(names) for names in by_month.values()) <= writing.FEW
    there = {path.name for path in writer.directory.glob("*/*/*")}
    named = {
        n for months in writer.manifest.segments.values() for ns in months.values() for n in ns
    }
    assert there == named
    facts = Facts(writer.directory, SEALER)
    keys = [
        key
        for month in facts.months(CALLS)
        for part in facts._month(CALLS, month, (KEY,))
        for key in part[KEY].tolist()
    ]
    assert len(keys) == len(set(keys)), "each call once"
    check(centre, writer)


def test_nothing_is_written_where_nothing_is_new(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    finish(centre)
    writer = opened()
    writer.catch_up()
    before = {path.name for path in writer.directory.glob("*/*/*")}
    with centre.story.database.write() as session:
        session.execute(update(Promise).values(ended_at=None))
        session.execute(update(Customer).values(updated_at=centre.now - timedelta(days=1)))
    centre.now += timedelta(minutes=1)
    for _ in range(3):
        assert writer.catch_up().calls == 0
    assert {path.name for path in writer.directory.glob("*/*/*")} == before


def test_no_facts_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoFacts):
        Facts(tmp_path, SEALER)


def test_a_stay_over_the_end_of_a_month_is_one_stay(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    finish(centre)
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    assert {"2026-10", "2026-11"} & set(facts.months(INTERVALS))


def test_a_first_attempt_is_one_however_the_tries_are_counted(
    centre: RandomCentre, opened: Callable[..., FactWriter], tmp_path: Path
) -> None:
    """By the database for a few, along the way for many, with a writer begun anew in between."""
    for portion, many in ((40, 1), (60, 45), (1000, 1), (50, 10**6)):
        writer = opened(portion=portion, many=many)
        writer.one_pass()
        centre.go_on(60)
        writer = opened(portion=portion, many=many)
        writer.catch_up()
        facts = Facts(writer.directory, SEALER)
        told = {
            call_id.decode(): number
            for month in facts.months(CALLS)
            for part in facts._month(CALLS, month, ("call_id", "try_number"))
            for call_id, number in zip(part["call_id"], part["try_number"].tolist(), strict=True)
        }
        assert len(told) > 20
        with centre.story.database.read() as session:
            counted = rows.try_numbers(session, told)
        assert {key: number for key, number in told.items() if number} == counted
        assert 1 in counted.values() and max(counted.values()) > 2
        writer.begin_anew()


def test_what_files_said_of_customers_follows_every_change(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    """Also a field that comes later, a customer erased, and many small changes merged."""
    told: dict[int, dict[str, str]] = {}

    def say(customer: int, at: datetime, **fields: str) -> None:
        text = json.dumps([[name, value] for name, value in fields.items()])
        areas = json.dumps([["prefecture", "東京都"]]) if fields else None
        with centre.story.database.write() as session:
            session.execute(
                update(Customer)
                .where(Customer.id == customer)
                .values(
                    fields_sealed=SEALER.seal(text) if fields else None,
                    areas_sealed=SEALER.seal(areas) if areas else None,
                    updated_at=at,
                )
            )
        told[customer] = {**fields, "@prefecture": "東京都"} if fields else {}

    customers = sorted({customer for _, customer in centre.entries})
    writer = opened()
    wish = random.Random(3)
    for number in range(26):
        centre.now += timedelta(minutes=1)
        rank = wish.choice(("A", "B", "C"))
        later = {"地区": f"第{number}"} if number > 12 else {}
        say(wish.choice(customers), centre.now, **{"ランク": rank, **later})
        writer.catch_up()
    say(customers[0], centre.now)
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    assert facts.fields() == ["@prefecture", "ランク", "地区"]
    for name in facts.fields():
        column, words = facts.field(name), facts.words(f"field:{name}")
        for customer, said in told.items():
            assert words[column[customer]] == said.get(name, ""), (customer, name)


def note(centre: RandomCentre, customer: int, text: str, **more: object) -> None:
    """Have a file say this of a customer."""
    said = SEALER.seal(json.dumps([["メモ", text], ["地域", "関東"]]))
    values = {"fields_sealed": said, "updated_at": centre.now, **more}
    with centre.story.database.write() as session:
        session.execute(update(Customer).where(Customer.id == customer).values(**values))


@pytest.mark.parametrize("dies", [False, True])
def test_words_of_an_erased_customer_alone_are_kept_nowhere(
    centre: RandomCentre,
    opened: Callable[..., FactWriter],
    monkeypatch: pytest.MonkeyPatch,
    dies: bool,
) -> None:
    first, second, third = sorted({customer for _, customer in centre.entries})[:3]
    notes = {first: "山田さんの隣", second: "東京", third: "東京"}
    for customer in notes:
        note(centre, customer, notes[customer])
    writer = opened()
    writer.catch_up()
    reader = Facts(writer.directory, SEALER)
    assert notes[first] in reader.words("field:メモ")
    was = manifest.read(writer.directory)
    before = {customer: reader.field("メモ")[customer] for customer in (second, third)}
    centre.now += timedelta(minutes=5)
    for customer in (first, second):
        note(centre, customer, "", fields_sealed=None, erased_at=centre.now)
    if dies:
        monkeypatch.setattr(FactWriter, "_forget", lambda self: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            writer.catch_up()
        monkeypatch.undo()
        writer = opened()
    writer.catch_up()
    reader.follow()
    words = reader.words("field:メモ")
    assert notes[first] not in words
    assert words[reader.field("メモ")[third]] == "東京", "somebody else's, too"
    assert reader.field("メモ")[third] == before[third]
    assert reader.field("メモ")[first] == reader.field("メモ")[second] == 0
    assert "関東" in reader.words("field:地域")
    assert len([*writer.directory.glob("words*")]) == 1
    with monkeypatch.context() as late:
        real, found = manifest.read, [was]
        late.setattr(manifest, "read", lambda where: found.pop() if found else real(where))
        assert Facts(writer.directory, SEALER).words("field:メモ") == words, "read in between"
    held = opened()._words
    assert notes[first] not in held.of("field:メモ")
    centre.now += timedelta(minutes=5)
    note(centre, third, "大阪")
    writer.catch_up()
    reader.follow()
    assert reader.words("field:メモ")[reader.field("メモ")[third]] == "大阪"
    generation = writer.manifest.generation
    writer.one_pass()
    assert writer.manifest.generation == generation + 1, "what is forgotten is forgotten once"


def test_values_beyond_the_most_are_counted_together(
    centre: RandomCentre, opened: Callable[..., FactWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 3)
    with centre.story.database.write() as session:
        for _, customer in centre.entries:
            text = SEALER.seal(json.dumps([["メモ", f"メモ{customer}"]]))
            values = {"fields_sealed": text, "updated_at": centre.now}
            session.execute(update(Customer).where(Customer.id == customer).values(**values))
    writer = opened()
    writer.catch_up()
    facts = Facts(writer.directory, SEALER)
    words = facts.words("field:メモ")
    assert len(words) == 1 + 3 + 1
    last = max(customer for _, customer in centre.entries)
    assert words[facts.field("メモ")[last]] == people.THE_REST


def test_a_reader_reads_its_state_to_the_end_whatever_becomes_of_the_files(
    centre: RandomCentre, opened: Callable[..., FactWriter]
) -> None:
    writer = opened()
    writer.catch_up()
    held = Facts(writer.directory, SEALER).snapshot()
    before = held.rows(CALLS, held.months(CALLS)[0])
    for _ in range(12):
        centre.go_on(10)
        writer.catch_up()
    assert held.rows(CALLS, held.months(CALLS)[0]) == before
    writer.begin_anew()
    assert held.rows(INTERVALS, held.months(INTERVALS)[-1]) > 0
