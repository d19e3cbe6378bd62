"""What a report is asked with and what it is made of: the contract of every report there is.

A *maker* reads the database and the facts, and writes nothing: `make(asked, ground) -> Made`. It
runs in a process beside the desk (`python -m agent_desk.worker --reports`). What it returns is
rendered there as the page's fragment, as a print view, as CSV and as a workbook, so that a figure
is worked out once and looks the same everywhere. `kinds.py` names every maker in one line.

Whom a person may see is in what is asked (`teams`, `user_id`), put there by the desk from the
person who is signed in, never from the address; makers hand both to their queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from agent_desk.services.errors import ServiceError
from agent_desk.store.facts.reading import Facts
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

# What stands in a column, which says how it is written on pages and in files.
TEXT = "text"  # as it is: leading zeros are kept
COUNT = "count"
NUMBER = "number"  # with a decimal
SCORE = "score"  # of a scale, with two decimals
SECONDS = "seconds"  # 1:02:03 on pages, seconds in files
MS = "ms"
SHARE = "share"  # 0.125: 12.5 %
YEN = "yen"
DAY = "day"
INSTANT = "instant"  # UTC
UNITS = frozenset({TEXT, COUNT, NUMBER, SCORE, SECONDS, MS, SHARE, YEN, DAY, INSTANT})

Cell = str | int | float | date | datetime | None


@dataclass(frozen=True)
class Asked:
    """One request. `teams` (None: all) and `user_id` (None: anybody) are whom it may be about."""

    kind: str
    params: Mapping[str, str]
    teams: frozenset[int] | None
    user_id: int | None
    username: str
    locale: str
    now: datetime
    role: str = ""

    def day(self, name: str) -> date:
        """A day of the parameters; ServiceError `bad-payload`."""
        try:
            return date.fromisoformat(self.params[name])
        except (KeyError, ValueError):
            raise ServiceError("bad-payload", reason=name) from None

    def whole(self, name: str) -> int | None:
        """A whole number of the parameters, None without one; ServiceError `bad-payload`."""
        text = self.params.get(name, "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise ServiceError("bad-payload", reason=name)
        return int(text)


@dataclass(frozen=True)
class Column:
    """`metric` is its code in the dictionary (name `report.<metric>`, formula
    `report.formula.<metric>`); `label` is shown instead of that name: a status, a reason."""

    metric: str
    unit: str = COUNT
    label: str = ""


@dataclass(frozen=True)
class Table:
    """One table; `title` is an id of the catalogue. `total` is a last row apart from the others.
    `in_csv`: not so where whoever reads a file by program relies on one table of it. `empty`, an id
    of the catalogue too, is said where there is no row."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    total: Sequence[Cell] | None = None
    in_csv: bool = True
    empty: str = "report.empty"


@dataclass(frozen=True)
class ClosedNote:
    """A closed month of which a report tells the figures of now: the version that holds, how and
    when it was made."""

    month: str
    days: tuple[date, date]
    version: int
    kind: str
    at: datetime


@dataclass(frozen=True)
class Made:
    """What a maker made. `template` (below templates/reports/fragments) shows `values`; files are
    written from `tables`. `picture` (beside it) is what the print view shows above its tables, and
    instead of them where `picture_is_table`: it says every figure itself.
    `corrections`: calls of the period whose result was corrected. `data`: what a
    program asked for, in no form people read; worked out only then. `closed` is put in by who has
    it made (`closed_notes.py`): closed months of the days asked for and of those told `beside`
    them; `tells_closed` is a month whose closed figures the report tells itself. `filters` is put
    in there as well: in words, which of the calls enter (`call_filters.py`).
    """

    tables: Sequence[Table]
    as_of: datetime
    template: str = "tables.html"
    values: Mapping[str, object] = field(default_factory=dict)
    corrections: int | None = None
    data: Callable[[], bytes] = bytes
    picture: str = ""
    picture_is_table: bool = False
    beside: Sequence[tuple[date, date]] = ()
    tells_closed: str = ""
    closed: Sequence[ClosedNote] = ()
    filters: Sequence[tuple[str, str]] = ()

    @property
    def row_count(self) -> int:
        """Of all tables, for the log of runs."""
        return sum(len(table.rows) for table in self.tables)


class Cancelled(Exception):
    """Nobody waits for this report any more."""


def _nobody_listens(share: float, words: str, **values: object) -> None:
    """Progress of what is quick."""


@dataclass(frozen=True)
class Ground:
    """What makers read from. `facts` gives the newest state of the facts made of the rows;
    ServiceError `report-unready` until all of them have been read once.

    `tell(share, words, **values)` says how far a long report is, 0 to 1, in words of the
    catalogue; it raises `Cancelled` when the report is not wanted any more, so makers call it
    between portions.
    """

    database: Database
    sealer: Sealer
    facts: Callable[[], Facts]
    tell: Callable[..., None] = _nobody_listens


Maker = Callable[[Asked, Ground], Made]


def within(asked: Asked, team_ids: Collection[int]) -> bool:
    """Whether what belongs to these teams may be seen."""
    return asked.teams is None or bool(asked.teams & frozenset(team_ids))
