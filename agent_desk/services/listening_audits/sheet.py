"""The score sheet (採点表): criteria with points, one answer each, and what the answers come to.

An answer is a level and not a number: two people can agree on a level, hardly on seven out of ten.
Whoever misses a knock-out criterion has none of the points, whatever else was done well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from agent_desk.services.errors import ServiceError

LEVELS = ("met", "partly", "missed", "not_applicable")
# A knock-out is there or it is not.
KNOCK_OUT_LEVELS = ("met", "missed", "not_applicable")
MOST_CRITERIA = 15
MOST_POINTS = 100
LONGEST_LABEL = 60
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HALVES = {"met": 2, "partly": 1, "missed": 0}


@dataclass(frozen=True)
class Criterion:
    """One line of the sheet. `code` stays when the words change, so figures can be compared."""

    code: str
    label_ja: str
    label_en: str
    points: int
    knock_out: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """What can be answered."""
        return KNOCK_OUT_LEVELS if self.knock_out else LEVELS

    def label(self, locale: str) -> str:
        """In the reader's language, where it was given."""
        return self.label_ja if locale == "ja" or not self.label_en else self.label_en


# For collections calls: what 貸金業法 and the house's own rules ask of each talk.
DEFAULTS = (
    Criterion("introduction", "名乗り", "Introduction", 10),
    Criterion("identity", "本人確認", "Identity check", 20, knock_out=True),
    Criterion("recording_notice", "録音の告知", "Recording notice", 10),
    Criterion("accuracy", "説明の正確さ", "Accuracy of what was explained", 20),
    Criterion("manner", "言葉づかい", "Manner of speaking", 15),
    Criterion("forbidden_acts", "禁止行為がないこと", "No forbidden acts", 15, knock_out=True),
    Criterion("record", "記録の正確さ", "Accuracy of the record", 10),
)


@dataclass(frozen=True)
class Judged:
    """What a sheet comes to: thousandths of the points that applied, None where none did."""

    permille: int | None
    knocked_out: bool


def judge(criteria: Sequence[Criterion], answers: Mapping[str, str]) -> Judged:
    """ServiceError listening-unanswered (criteria): one has no answer, or none it may have."""
    lacking = [each.code for each in criteria if answers.get(each.code) not in each.levels]
    if lacking:
        raise ServiceError("listening-unanswered", criteria=", ".join(lacking))
    applied = [each for each in criteria if answers[each.code] in _HALVES]
    if any(each.knock_out and answers[each.code] == "missed" for each in applied):
        return Judged(0, True)
    whole = 2 * sum(each.points for each in applied)
    if not whole:
        return Judged(None, False)
    reached = sum(each.points * _HALVES[answers[each.code]] for each in applied)
    return Judged((2000 * reached + whole) // (2 * whole), False)


def to_rows(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """As they are stored."""
    return [asdict(each) for each in criteria]


def from_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """As they were stored."""
    return tuple(Criterion(**row) for row in rows)


def checked(criteria: Sequence[Criterion], *, version: int) -> tuple[Criterion, ...]:
    """The criteria as they may be stored in this version; new ones get a code nobody had before.

    ServiceError listening-settings (reason: count, label, points, code).
    """
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        raise ServiceError("listening-settings", reason="count")
    taken = {each.code for each in criteria if each.code}
    if len(taken) < sum(bool(each.code) for each in criteria):
        raise ServiceError("listening-settings", reason="code")
    for each in criteria:
        if each.code and not CODE.fullmatch(each.code):
            raise ServiceError("listening-settings", reason="code")
        labels = (each.label_ja, each.label_en)
        if not each.label_ja or max(map(len, labels)) > LONGEST_LABEL:
            raise ServiceError("listening-settings", reason="label")
        if not 1 <= each.points <= MOST_POINTS:
            raise ServiceError("listening-settings", reason="points")
    return tuple(
        each if each.code else replace(each, code=f"v{version}_{place}")
        for place, each in enumerate(criteria, start=1)
    )
