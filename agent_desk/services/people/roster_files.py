"""Weekly rosters by the file: one row a shift; the rows of a person and a day are their week."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from agent_desk.services.errors import ServiceError
from agent_desk.services.people.roster import RosterService, read_clock
from agent_desk.services.people.tables_of_text import RowAnswer, TableRow, read_table
from agent_desk.store.people.roster import Shift

COLUMNS = {
    "username": ("username", "ユーザー名"),
    "weekday": ("weekday", "曜日"),
    "start": ("start", "開始"),
    "end": ("end", "終了"),
    "break": ("break_minutes", "休憩（分）", "休憩"),
    "from": ("valid_from", "適用開始日"),
}
_WEEKDAYS = {
    word: number
    for words in ("月火水木金土日", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    for number, word in enumerate(words)
}


class RosterFiles:
    """Takes whole weeks: a person with a wrong row keeps the roster they have."""

    def __init__(self, roster: RosterService) -> None:
        self._roster = roster

    def take(self, data: bytes, *, teams: frozenset[int] | None, actor: str) -> list[RowAnswer]:
        """What became of each row, in the file's order; ServiceError as `read_table` says."""
        rows = read_table(data, COLUMNS)
        people = {each.user.username: each.user.id for each in self._roster.people(teams)}
        answers: dict[int, RowAnswer] = {}
        weeks: dict[tuple[str, str], list[TableRow]] = defaultdict(list)
        for row in rows:
            weeks[row.cells["username"], row.cells["from"]].append(row)
        for (username, _), theirs in weeks.items():
            refused = self._take_week(people.get(username), theirs, teams, actor)
            for row in theirs:
                answers[row.line] = (
                    RowAnswer(row, None)
                    if refused is None
                    else RowAnswer(row, refused.error_id, details=refused.details)
                )
        return [answers[row.line] for row in rows]

    def _take_week(
        self,
        user_id: int | None,
        rows: list[TableRow],
        teams: frozenset[int] | None,
        actor: str,
    ) -> ServiceError | None:
        try:
            if user_id is None:
                raise ServiceError("person-unknown")
            shifts = [_shift(row) for row in rows]
            self._roster.set_week(
                user_id,
                shifts,
                valid_from=_day(rows[0].cells["from"]),
                teams=teams,
                actor=actor,
                action="roster.imported",
            )
        except ServiceError as refused:
            return refused
        return None


def _shift(row: TableRow) -> tuple[int, Shift]:
    weekday = _WEEKDAYS.get(row.cells["weekday"].lower().removesuffix("曜日").removesuffix("曜"))
    rest = row.cells["break"] or "0"
    if weekday is None or not (rest.isascii() and rest.isdecimal()):
        raise ServiceError("shift-unusable")
    start, end = read_clock(row.cells["start"]), read_clock(row.cells["end"])
    return weekday, Shift(start, end, int(rest[:5]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ServiceError("bad-payload", reason="day") from None
