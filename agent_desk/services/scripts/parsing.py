"""A script as its author types it, and as the page shows it: steps, statements, branches. Pure.

    # 名乗り                          a step
    「{担当}と申します。」              what is said; {blanks} are filled by the page
    [ ] identification: 名乗った      a statement to tick; [!] before the result can be saved
    -> ご本人: 本人確認                a branch: what the customer said, and the step it leads to
    # ご用件 !                        a step that is shown after 本人確認 only

A text without any of these marks is one step without a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 20_000
_STEP = re.compile(r"#\s*(?P<title>.+?)\s*(?P<after>[!！]?)\s*$")
_TICK = re.compile(r"\[(?P<must>[ !])\]\s*(?P<code>[a-z][a-z0-9_]{0,39})\s*[:：]\s*(?P<text>.+)$")
_BRANCH = re.compile(r"(?:->|→)\s*(?P<text>[^:：]+)[:：]\s*(?P<to>.+?)\s*$")


@dataclass(frozen=True)
class Statement:
    """Something that has to be said; `must`: the result waits for the tick."""

    code: str
    text: str
    must: bool
    line: int


@dataclass(frozen=True)
class Branch:
    """Where the talk goes on when the customer says this."""

    text: str
    to: str
    line: int


@dataclass(frozen=True)
class Said:
    """One line to say."""

    text: str
    line: int


@dataclass(frozen=True)
class Step:
    """`after_identity`: shown once the person is verified."""

    title: str
    after_identity: bool
    line: int
    parts: tuple[Said | Statement | Branch, ...]

    def of(self, kind: type) -> list[Said | Statement | Branch]:
        """The parts of one kind, in order."""
        return [part for part in self.parts if isinstance(part, kind)]


@dataclass(frozen=True)
class Script:
    """All steps, first to last."""

    steps: tuple[Step, ...]

    @property
    def statements(self) -> list[Statement]:
        """Every statement, in order."""
        return [p for step in self.steps for p in step.parts if isinstance(p, Statement)]


@lru_cache(maxsize=256)
def parse(text: str) -> Script:
    """Read a text; nothing is refused here (`lint.py` says what is wrong)."""
    steps: list[Step] = []
    title, after, begin = "", False, 1
    parts: list[Said | Statement | Branch] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _STEP.match(line)
        if heading is None:
            parts.append(_part(line, number))
            continue
        if title or _worded(parts):
            steps.append(Step(title, after, begin, _trimmed(parts)))
        title, after, begin, parts = heading["title"], bool(heading["after"]), number, []
    if title or _worded(parts):
        steps.append(Step(title, after, begin, _trimmed(parts)))
    return Script(tuple(steps))


def _part(line: str, number: int) -> Said | Statement | Branch:
    tick = _TICK.match(line.strip())
    if tick is not None:
        return Statement(tick["code"], tick["text"], tick["must"] == "!", number)
    branch = _BRANCH.match(line.strip())
    if branch is not None:
        return Branch(branch["text"].strip(), branch["to"], number)
    return Said(line.rstrip(), number)


def _worded(parts: Iterable[Said | Statement | Branch]) -> bool:
    return any(not isinstance(part, Said) or part.text for part in parts)


def _trimmed(parts: list[Said | Statement | Branch]) -> tuple[Said | Statement | Branch, ...]:
    """Without the empty lines around it."""
    while parts and isinstance(parts[0], Said) and not parts[0].text:
        parts = parts[1:]
    while parts and isinstance(parts[-1], Said) and not parts[-1].text:
        parts = parts[:-1]
    return tuple(parts)
