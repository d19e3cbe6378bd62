"""What may be asked about calls by any axes: read from the parameters of an address, checked here.

`by` are one to three axes, `only.<axis>` the values that enter (several by repeating a value with
a line break between), `metric` the figures. A value is the word itself, as the table shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from agent_desk.dialer.business_time import at as instant_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.call_metrics import CALL_METRICS, USUAL, CallMetric
from agent_desk.services.reports.making import Asked
from agent_desk.store.facts import pivot

MOST_AXES, MOST_METRICS, MOST_FILTERS, LONGEST_VALUE = 3, 12, 6, 200
LONGEST_DAYS = 400
ONLY = "only."
BETWEEN = "\n"


@dataclass(frozen=True)
class CallQuestion:
    """Days (both included), axes, figures and filters."""

    first: date
    last: date
    campaign_id: int | None
    by: tuple[str, ...]
    metrics: tuple[CallMetric, ...]
    only: dict[str, frozenset[str]]

    @property
    def start(self) -> datetime:
        """The first instant."""
        return instant_of(self.first, 0)

    @property
    def end(self) -> datetime:
        """The instant after the last."""
        return instant_of(self.last + timedelta(days=1), 0)

    def asked(self, by: tuple[str, ...] | None = None) -> pivot.Asked:
        """As the facts are asked."""
        sums = tuple(dict.fromkeys(name for each in self.metrics for name in each.sums))
        return pivot.Asked(self.start, self.end, self.by if by is None else by, sums, self.only)


def read(asked: Asked, *, by: tuple[str, ...] = (), metrics: tuple[str, ...] = ()) -> CallQuestion:
    """`by` and `metrics` hold where the parameters name none. ServiceError `bad-payload`."""
    first, last = asked.day("from"), asked.day("to")
    if last < first or (last - first).days > LONGEST_DAYS:
        raise ServiceError("bad-payload", reason="to")
    axes = _words(asked, "by") or by
    codes = _words(asked, "metric") or metrics or USUAL
    if len(axes) > MOST_AXES or len(set(axes)) < len(axes):
        raise ServiceError("bad-payload", reason="by")
    if len(codes) > MOST_METRICS or not set(codes) <= set(CALL_METRICS):
        raise ServiceError("bad-payload", reason="metric")
    return CallQuestion(
        first,
        last,
        asked.whole("campaign"),
        axes,
        tuple(CALL_METRICS[code] for code in dict.fromkeys(codes)),
        filters(asked),
    )


def address(question: CallQuestion, only: Mapping[str, frozenset[str]]) -> str:
    """The same question with these filters, as it stands in an address."""
    values: list[tuple[str, str]] = [
        ("from", question.first.isoformat()),
        ("to", question.last.isoformat()),
        ("campaign", "" if question.campaign_id is None else str(question.campaign_id)),
    ]
    values += [("by", axis) for axis in question.by]
    values += [("metric", metric.code) for metric in question.metrics]
    values += [(f"{ONLY}{axis}", word) for axis, wanted in only.items() for word in sorted(wanted)]
    return urlencode(values)


def _words(asked: Asked, name: str) -> tuple[str, ...]:
    """A parameter that was given several times, as lines."""
    return tuple(each for each in asked.params.get(name, "").split(BETWEEN) if each)


def filters(asked: Asked) -> dict[str, frozenset[str]]:
    """The values that enter, by axis. ServiceError `bad-payload`."""
    found = {}
    for name, text in asked.params.items():
        if name.startswith(ONLY) and name != ONLY:
            values = text.split(BETWEEN)
            if any(len(value) > LONGEST_VALUE for value in values):
                raise ServiceError("bad-payload", reason=name)
            found[name.removeprefix(ONLY)] = frozenset(values)
    if len(found) > MOST_FILTERS:
        raise ServiceError("bad-payload", reason="only")
    return found
