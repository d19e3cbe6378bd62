"""What is wrong with a script, by the rules of calling (R31, R32, R35, R37, R52). Pure.

Errors stop a script from being saved; compliance may let them pass with a reason (R35). Words are
looked for in what is said, not in the titles of steps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from agent_desk.services.scripts.parsing import Branch, Said, Script, Statement, Step

Level = Literal["error", "warning"]
IDENTIFICATION, RECORDING_NOTICE, DISCLOSURE = "identification", "recording_notice", "disclosure"
SELLING = ("sales", "dormant")
# What the operator's page fills in (`static/js/core/script.js`).
BLANKS = frozenset({"{担当}", "{担当姓}", "{顧客カナ}", "{顧客名}"})

# R35: nobody may be told to borrow elsewhere, to have others pay, be threatened or shouted at.
_PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "borrow-elsewhere",
        re.compile(
            r"(他社|よそ|他|ほか|別の会社)(から|で)(お?借り|借入|キャッシング)"
            r"|借りて(でも)?(返|払)"
        ),
    ),
    (
        "third-party-pays",
        re.compile(
            r"(ご?家族|ご?両親|親御さん|奥様|ご主人|配偶者|お子様|ご?親族|勤務先|会社|保証人でない方)"
            r"(の方|様)?(に|が|から)(代わりに|かわりに|立て替え|たてかえ|お?支払|払|返済)"
        ),
    ),
    (
        "threat",
        re.compile(
            r"訴え(ます|る|て)|差し?押さえ|逮捕|警察に|ご?自宅に(行|伺)|職場に(行|伺|連絡)"
            r"|会社に(言|ばら)|ブラックリスト|ただでは|後悔"
        ),
    ),
    ("shouting", re.compile(r"ふざけ|いい加減にし|払え|返せ|黙れ|バカ|馬鹿|泥棒|[!！]{2,}")),
    ("legal-action", re.compile(r"法的(措置|手段|手続)|裁判|訴訟|強制執行|支払督促")),
)
# R32: what tells of a debt may not stand before 本人確認.
_DEBT = re.compile(
    r"債務|延滞|督促|滞納|返済|未払|未納|支払期日|お支払い|ご?請求|借入|残高|\{金額\}|\{期日\}"
)


@dataclass(frozen=True)
class Finding:
    """One thing found; `word` is what was read, `line` where (0: of the whole text)."""

    rule: str
    code: str
    level: Level
    line: int
    word: str = ""


def lint(script: Script, *, kind: str) -> list[Finding]:
    """Everything found, errors first; `kind` is the campaign's."""
    found = [*_structure(script), *_forbidden(script), *_missing(script, kind), *_blanks(script)]
    if kind == "collections":
        found += _debt_before_identity(script)
    return sorted(found, key=lambda each: (each.level != "error", each.line, each.code))


def lint_for_third_party(script: Script) -> list[Finding]:
    """The same of what is said to somebody else: a name, and that we shall call again (R33).

    Nothing of it may tell of a debt, before or after anything. No text at all is no fault: the page
    then shows the sentence it always has.
    """
    if not script.steps:
        return []
    found = [*_structure(script), *_forbidden(script), *_debts(script.steps), *_blanks(script)]
    if IDENTIFICATION not in {statement.code for statement in script.statements}:
        found.append(Finding("R33", "identification-missing", "error", 0))
    found += [
        Finding("R33", "after-identity", "error", step.line, step.title)
        for step in script.steps
        if step.after_identity
    ]
    return sorted(found, key=lambda each: (each.level != "error", each.line, each.code))


def _structure(script: Script) -> Iterator[Finding]:
    titles = [step.title for step in script.steps]
    for step in script.steps:
        if step.title and titles.count(step.title) > 1:
            yield Finding("script", "step-twice", "error", step.line, step.title)
        for part in step.parts:
            if isinstance(part, Branch) and part.to not in titles:
                yield Finding("script", "step-missing", "error", part.line, part.to)
    codes = [statement.code for statement in script.statements]
    for statement in script.statements:
        if codes.count(statement.code) > 1:
            yield Finding("script", "statement-twice", "error", statement.line, statement.code)


def _forbidden(script: Script) -> Iterator[Finding]:
    for part, text in _spoken(script.steps):
        for code, phrase in _PHRASES:
            match = phrase.search(text)
            if match is not None:
                yield Finding("R35", code, "error", part.line, match[0])


def _missing(script: Script, kind: str) -> Iterator[Finding]:
    codes = {statement.code for statement in script.statements}
    if IDENTIFICATION not in codes and DISCLOSURE not in codes:
        yield Finding("R35", "identification-missing", "error", 0)
    if kind in SELLING and DISCLOSURE not in codes:
        yield Finding("R37", "disclosure-missing", "error", 0)
    if RECORDING_NOTICE not in codes:
        yield Finding("R52", "recording-notice-missing", "warning", 0)


def _blanks(script: Script) -> Iterator[Finding]:
    """What nobody fills would be read out as it stands."""
    for part, text in _spoken(script.steps):
        for blank in re.findall(r"\{[^{}]+\}", text):
            if blank not in BLANKS:
                yield Finding("script", "blank-unknown", "warning", part.line, blank)


def _debt_before_identity(script: Script) -> Iterator[Finding]:
    return _debts([step for step in script.steps if not step.after_identity])


def _debts(steps: tuple[Step, ...] | list[Step]) -> Iterator[Finding]:
    for part, text in _spoken(steps):
        match = _DEBT.search(text)
        if match is not None:
            yield Finding("R32", "debt-before-identity", "error", part.line, match[0])


def _spoken(steps: tuple[Step, ...] | list[Step]) -> Iterator[tuple[Said | Statement, str]]:
    """What the customer hears: lines and statements, full-width forms unified, without spaces."""
    for step in steps:
        for part in step.parts:
            if not isinstance(part, Branch):
                yield part, re.sub(r"\s", "", unicodedata.normalize("NFKC", part.text))
