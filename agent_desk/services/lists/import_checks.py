"""What would become of each row of a file, counted before anything is written.

The rows are matched by the same `Matcher` as the import's, against the database and against the
rows before them, and judged by the calling rules with the same judge as the lease's: people known
already with their history, new ones with what the file says of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from types import TracebackType
from typing import Any

from agent_desk.services.dialing.judging import Judge
from agent_desk.services.lists import normalise
from agent_desk.store.campaigns import campaigns
from agent_desk.store.leasing.candidates import EntryRow
from agent_desk.store.leasing.facts import Candidate, PhoneRow, load_facts
from agent_desk.store.leasing.past_attempts import LOOK_BACK, attempts_since, ledger_of
from agent_desk.store.leasing.standing import Standing, standing
from agent_desk.store.lists import preview as list_preview
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.customers import Known, Target
from agent_desk.store.lists.file_index import FileIndex
from agent_desk.store.lists.import_rows import Row
from agent_desk.store.lists.matching import Matcher, Refused
from agent_desk.store.lists.prepared import Person, prepare_person
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

CHUNK = 200
JUDGED = 5_000  # rows; enough to know the share, and a long file is not held up by it
SHOWN = 50
NORMAL = ("name", "kana", "numbers", "external_id", "birth_date", "product", "amount_yen", "due_on")


class ImportCheck:
    """Takes the rows of a file one after another; `findings` when there are no more."""

    def __init__(
        self, *, database: Database, sealer: Sealer, batch: BatchRow, now: datetime, practice: bool
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._batch = batch
        self._now = now
        self._practice = practice
        self._waiting: list[Row] = []
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._blocked: Counter[str] = Counter()
        self._closing = ExitStack()
        self.normal: list[list[str]] = []

    def __enter__(self) -> ImportCheck:
        self._index = self._closing.enter_context(FileIndex())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def take(self, row: Row) -> None:
        """Count a row."""
        self._counts["rows"] += 1
        if row.record is None:
            self._reasons[row.reason or "row-unusable"] += 1
        else:
            self._waiting.append(row)
        if len(self.normal) < SHOWN:
            self.normal.append(shown(row))
        if len(self._waiting) == CHUNK:
            self._chunk()

    def findings(self) -> dict[str, Any]:
        """Numbers of rows: `rows`, `new`, `known`, `reasons`; of the first admitted ones, `judged`
        and of those `callable` now, `blocked` by rule."""
        self._chunk()
        names = ("rows", "new", "known", "judged", "callable")
        return {
            **{name: self._counts[name] for name in names},
            "reasons": dict(sorted(self._reasons.items())),
            "blocked": dict(sorted(self._blocked.items())),
        }

    def _chunk(self) -> None:
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        people = [self._person(row) for row in rows]
        with self._database.read() as session:
            admitted = self._match(session, people)
            left = JUDGED - self._counts["judged"]
            if left > 0 and self._batch.campaign_id is not None:
                self._judge(session, admitted[:left])

    def _person(self, row: Row) -> Person:
        record = row.record
        assert record is not None
        keys = {self._sealer.number_key(e164): (e164, kind) for e164, kind in record.numbers}
        return prepare_person(self._sealer, record, normalise.name(record.name), keys)

    def _match(
        self, session: Session, people: Sequence[Person]
    ) -> list[tuple[Person, Known | None]]:
        """Who would be put on the list."""
        matcher = Matcher(session, self._target(session), campaign_id=self._batch.campaign_id)
        matcher.load(people)
        keys = {key for person in people for key in person.number_keys}
        externals = {person.external_id for person in people if person.external_id}
        for found in self._index.find(keys, externals):
            matcher.add(found, taken=True)
        for customer_id in self._index.taken(matcher.ids):
            matcher.take(matcher.known(customer_id))
        admitted: list[tuple[Person, Known | None]] = []
        new, known_before = [], []
        for person in people:
            try:
                known = matcher.decide(person)
            except Refused as refused:
                self._reasons[refused.reason] += 1
                continue
            admitted.append((person, known))
            self._counts["new" if known is None else "known"] += 1
            if known is None:
                new.append(_of(person, self._index.next_id()))
                matcher.add(new[-1], taken=True)
            else:
                matcher.take(known)
                known_before.append(known.id)
        self._index.add(new)
        self._index.take(known_before)
        return admitted

    def _target(self, session: Session) -> Target:
        batch = self._batch
        return Target(
            batch_id=batch.id,
            list_id=list_preview.named(session, batch.list_name) or 0,
            product_id=campaigns.product_of(session, batch.campaign_id or 0) or 0,
            source=batch.source or "import",
            at=self._now,
            scope="system",
        )

    def _judge(self, session: Session, admitted: Sequence[tuple[Person, Known | None]]) -> None:
        campaign_id = self._batch.campaign_id or 0
        settings = rule_settings.settings(session, campaign_id, self._now)
        judge = Judge(settings, self._sealer, self._now, practice=self._practice)
        entries = [
            EntryRow(-number, 0, -number if known is None else known.id, 5, self._now, 0)
            for number, (_, known) in enumerate(admitted, start=1)
        ]
        keys = {key for person, _ in admitted for key in person.number_keys}
        stands = standing(session, campaign_id, entries, keys, self._now)
        past = attempts_since(session, [], keys, self._now - LOOK_BACK)
        old = [e for e, (_, k) in zip(entries, admitted, strict=True) if k is not None]
        judged = list(load_facts(session, campaign_id, old, self._now))
        judged += [
            (
                _candidate(entry, person, stands),
                ledger_of(entry.customer_id, list(person.number_keys), past),
            )
            for entry, (person, known) in zip(entries, admitted, strict=True)
            if known is None
        ]
        for candidate, ledger in judged:
            said = judge(candidate, ledger)
            self._counts["judged"] += 1
            self._counts["callable"] += said.allowed
            if not said.allowed:
                rules = {rule for kept in judge.kept if not kept.allowed for rule in kept.rule_ids}
                self._blocked.update(rules or {said.closing})
            judge.kept.clear()


def shown(row: Row) -> list[str]:
    """A row in normal form as the wizard shows it: number, values by `NORMAL`, reason."""
    if row.record is None:
        return [str(row.row_no), *[""] * len(NORMAL), row.reason or ""]
    values = []
    for name in NORMAL:
        value = getattr(row.record, name)
        if name == "numbers":
            value = " ".join(normalise.national(e164) for e164, _ in value)
        values.append("" if value is None else str(value))
    return [str(row.row_no), *values, ""]


def _of(person: Person, key: int) -> Known:
    return Known(key, person.external_id, person.kana_key, person.name_key, person.number_keys)


def _candidate(entry: EntryRow, person: Person, stands: Standing) -> Candidate:
    """Somebody new, as the judge would see him once he is imported."""
    columns = person.columns
    here = {columns.get(f"{kind}_key") for kind in ("prefecture", "city", "postcode")}
    here.add(columns.get("postcode_area_key"))
    return Candidate(
        entry=entry,
        phones=tuple(
            PhoneRow(
                -place,
                place,
                phone.kind,
                phone.sealed,
                phone.key,
                None,
                phone.key in stands.blocked_numbers,
                phone.key in stands.refused_numbers,
                tuple(stands.of_numbers.get(phone.key, ())),
            )
            for place, phone in enumerate(person.phones, start=1)
        ),
        blocked=False,
        contact_from_minute=None,
        contact_until_minute=None,
        contact_wish_ends_on=None,
        owes=person.amount_yen != 0,
        overdue_since=_day(person.due_on) if person.amount_yen else None,
        areas=tuple(
            hold for hold in stands.areas if hold.kind == "number_prefix" or hold.area_key in here
        ),
        overrides=tuple(override for key, override in stands.of_areas if key in here),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
