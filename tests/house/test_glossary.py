"""One word for one thing: the words docs/glossary.md refuses are nowhere in code, tests or docs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.house.sources import ROOT, Source, texts

GLOSSARY = "docs/glossary.md"
SCANNED = ("agent_desk/", "softphone/", "tests/", "docs/", "benchmarks/", "tools/", "migrations/")
SCANNED_FILES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "config.py")
SUFFIXES = (".py", ".js", ".md", ".html")
# Both speak about the refused words themselves.
EXEMPT = (GLOSSARY, "tests/house/test_glossary.py")


@dataclass(frozen=True)
class Refusal:
    """One row of the table: the refused words, and the phrases and places they are right in."""

    words: re.Pattern[str]
    phrases: re.Pattern[str] | None
    directories: tuple[str, ...]

    def found_in(self, line: str, *, path: str) -> list[str]:
        """The refused words in one line of the file `path`."""
        if path.removeprefix("tests/").startswith(self.directories):
            return []
        rest = self.phrases.sub(" ", line) if self.phrases else line
        return self.words.findall(plain(rest))


def plain(text: str) -> str:
    """Text in which `list_entry`, `listEntry`, `list-entry` and `list entry` are the same words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[_\-]+", " ", spaced).lower()


def read_refusals(glossary: str) -> list[Refusal]:
    """The rows of the table under "Refused words": refused | say | allowed in."""
    _, _, section = glossary.partition("## Refused words")
    rows = re.findall(r"^\|(.+)\|(.+)\|(.*)\|$", section, re.MULTILINE)
    refusals = []
    for refused, _, allowed in rows[2:]:
        words = [re.escape(plain(word)) for word in quoted(refused)]
        phrases = [re.escape(phrase) for phrase in quoted(allowed) if not phrase.endswith("/")]
        refusals.append(
            Refusal(
                words=re.compile(rf"\b(?:{'|'.join(words)})\b"),
                phrases=re.compile("|".join(phrases), re.IGNORECASE) if phrases else None,
                directories=tuple(name for name in quoted(allowed) if name.endswith("/")),
            )
        )
    return refusals


def quoted(cell: str) -> list[str]:
    """What stands between back-quotes."""
    return re.findall(r"`([^`]+)`", cell)


REFUSALS = read_refusals((ROOT / GLOSSARY).read_text(encoding="utf-8"))
# Most lines have none of the words: they are looked at once instead of once for each row.
ANY = re.compile("|".join(refusal.words.pattern for refusal in REFUSALS))


def scanned(source: Source) -> bool:
    """Whether the words of this file are judged."""
    inside = source.path.startswith(SCANNED) or source.path in SCANNED_FILES
    return inside and source.path.endswith(SUFFIXES) and source.path not in EXEMPT


def test_no_refused_word_is_used() -> None:
    found = [
        f"{source.path}:{number}: {word}"
        for source in texts()
        if scanned(source)
        for number, line in enumerate(source.text.splitlines(), start=1)
        if ANY.search(plain(line))
        for refusal in REFUSALS
        for word in refusal.found_in(line, path=source.path)
    ]
    assert not found, "\n".join([f"say what {GLOSSARY} says:", *found])


@pytest.mark.parametrize(
    "line",
    [
        "agent_id = 1",
        "def agentState()",
        "the agents",
        "class Debtor:",
        "disposition",
        "a PTP",
        "contact_list",
    ],
)
def test_a_refused_word_is_noticed_however_it_is_written(line: str) -> None:
    assert [word for refusal in REFUSALS for word in refusal.found_in(line, path="agent_desk/x.py")]


@pytest.mark.parametrize(
    "line",
    [
        "from agent_desk.dialer import seats",
        'data-testid="agent-row" data-agent="operator1"',
        "User-Agent: AgentDesk",
        "the status code contact",
        "Content-Disposition: attachment",
        "the dialer dials; a SIP dialog; a lead watches",
        "reagents",
    ],
)
def test_a_word_in_its_right_place_is_let_through(line: str) -> None:
    assert [
        word for refusal in REFUSALS for word in refusal.found_in(line, path="agent_desk/x.py")
    ] == []
