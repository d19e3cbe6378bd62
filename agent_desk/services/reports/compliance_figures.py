"""What the rules of calling did in a period: whom they stopped, who set them aside, and what went
against them (A50).

* *Blocked*: verdicts that said no. A customer who is put off is judged again at the time given, so
  one customer may be stopped several times; a verdict that names several rules counts for each.
* *Overridden*: calls that left because a rule was set aside, and the overrides made.
* *Missing*: statements that had to be made on a talk about the matter and were not.
* *Breaches*: what must not have happened. On a desk that works there are none.

A desk on which nothing of this happened has no row at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent_desk.dialer.business_time import at
from agent_desk.services.scripts import lint
from agent_desk.services.scripts.parsing import Statement, parse
from agent_desk.store.reports import breaches, dialing, identity_gate, statements, verdicts
from agent_desk.store.reports.breaches import Breach
from agent_desk.store.reports.dialing import Period, Window
from agent_desk.store.reports.identity_gate import GateCount
from agent_desk.store.reports.statements import ScriptText, Talk, Ticks
from agent_desk.store.reports.verdicts import Granted
from agent_desk.store.unit_of_work import Session

# Which rule asks for a statement; one of the house's own is asked for by the script.
RULE_OF: Mapping[str, str] = {
    lint.IDENTIFICATION: "R31",
    lint.DISCLOSURE: "R37",
    lint.RECORDING_NOTICE: "R52",
}
BY_SCRIPT = "script"


@dataclass(frozen=True)
class RuleRow:
    """One rule in one campaign."""

    rule_id: str
    campaign: str
    blocked: int = 0
    lifted: int = 0


@dataclass(frozen=True)
class StatementRow:
    """One statement of one campaign, where it was not made on each talk that needed it. `told`:
    the operator said that it could not be made; `missing`: nobody said anything."""

    rule_id: str
    campaign: str
    statement: str
    needed: int
    told: int
    missing: int

    @property
    def made(self) -> int:
        """Talks on which it was ticked."""
        return self.needed - self.told - self.missing


@dataclass(frozen=True)
class MissingStatement:
    """One statement that one talk went without."""

    rule_id: str
    statement: str
    talk: Talk
    told: bool


@dataclass(frozen=True)
class ComplianceFigures:
    """The report. `verdicts`: judgements that said no, each once; `over_limit`: campaigns whose
    abandonment was above the law's 3 % at the end of the period, in either window of R20."""

    rules: tuple[RuleRow, ...]
    verdicts: int
    granted: tuple[Granted, ...]
    gate: tuple[GateCount, ...]
    statements: tuple[StatementRow, ...]
    missing: tuple[MissingStatement, ...]
    breaches: tuple[Breach, ...]
    over_limit: tuple[Window, ...]
    talks: int

    @property
    def clean(self) -> bool:
        """Nothing blocked, nothing overridden, nothing missing, nothing against a rule."""
        return not any((self.rules, self.granted, self.statements, self.breaches, self.over_limit))


def figures(
    session: Session,
    first: date,
    last: date,
    *,
    now: datetime,
    teams: Collection[int] | None,
    campaign_id: int | None = None,
) -> ComplianceFigures:
    """Of the Japanese days `first` to `last`, both included."""
    start, end = at(first, 0), at(last + timedelta(days=1), 0)
    period = Period(start, end, teams, campaign_id)
    talks = statements.talks(session, period)
    needed, missing = _statements(
        talks, statements.ticks(session, period), statements.scripts(session)
    )
    windows = dialing.windows(session, min(end, now), teams=teams, campaign_id=campaign_id)
    return ComplianceFigures(
        rules=_rules(verdicts.blocked(session, period), verdicts.lifted(session, period)),
        verdicts=verdicts.verdicts_blocked(session, period),
        granted=tuple(verdicts.granted(session, period)),
        gate=tuple(identity_gate.counts(session, period)),
        statements=needed,
        missing=missing,
        breaches=tuple(breaches.of_period(session, period, now)),
        over_limit=tuple(each for each in windows if each.over_limit),
        talks=len(talks),
    )


def _rules(
    blocked: Sequence[verdicts.RuleCount], lifted: Sequence[verdicts.RuleCount]
) -> tuple[RuleRow, ...]:
    no = {(each.rule_id, each.campaign): each.count for each in blocked}
    yes = {(each.rule_id, each.campaign): each.count for each in lifted}
    keys = sorted({*no, *yes})
    return tuple(RuleRow(*key, blocked=no.get(key, 0), lifted=yes.get(key, 0)) for key in keys)


def _statements(
    talks: Sequence[Talk],
    ticks: Mapping[str, Ticks],
    scripts: Mapping[tuple[int, str], Sequence[ScriptText]],
) -> tuple[tuple[StatementRow, ...], tuple[MissingStatement, ...]]:
    """What was not made, by statement and talk by talk."""
    needed: dict[tuple[str, str, str], int] = defaultdict(int)
    missing = []
    for talk in talks:
        said = ticks.get(talk.call_id)
        for statement in _needed(talk, said, scripts):
            rule_id = RULE_OF.get(statement.code, BY_SCRIPT)
            needed[rule_id, talk.campaign, statement.text] += 1
            made = None if said is None else said.said.get(statement.code)
            if not made:
                missing.append(MissingStatement(rule_id, statement.text, talk, made is False))
    without: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for each in missing:
        without[each.rule_id, each.talk.campaign, each.statement].append(each.told)
    rows = [
        StatementRow(*key, needed[key], sum(told), len(told) - sum(told))
        for key, told in sorted(without.items())
    ]
    return tuple(rows), tuple(missing)


def _needed(
    talk: Talk, said: Ticks | None, scripts: Mapping[tuple[int, str], Sequence[ScriptText]]
) -> Iterator[Statement]:
    """The statements the result of this talk waited for."""
    text = _text_of(talk, said, scripts)
    return (each for each in parse(text).statements if each.must)


def _text_of(
    talk: Talk, said: Ticks | None, scripts: Mapping[tuple[int, str], Sequence[ScriptText]]
) -> str:
    """The version its operator ticked, or the one in use when the talk ended."""
    if said is not None:
        for each in scripts.get((talk.campaign_id, said.audience), ()):
            if each.version == said.version:
                return each.text
    special = ["third_party"] if talk.identity == "third_party" else []
    for audience in (*special, *(["vip"] if talk.vip else []), "customer"):
        of_then = [
            each.text
            for each in scripts.get((talk.campaign_id, audience), ())
            if each.at is None or each.at <= talk.ended_at
        ]
        if of_then and of_then[-1]:
            return of_then[-1]
    return ""
