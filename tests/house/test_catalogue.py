"""Every string a person may read is in both languages, and none is there for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import get_args

import pytest

from agent_desk.catalogue import LOCALES, catalogue
from agent_desk.dialer import deadlines, leaving, wrap_up
from agent_desk.dialer.errors import ErrorId
from agent_desk.dialer.floor import Mode, Running, Screening, SeatState
from agent_desk.dialer.outcomes import Outcome
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.routes.auth import FIRST_PAGES
from agent_desk.routes.errors import PAGES
from agent_desk.routes.http_statuses import HTTP_STATUS
from agent_desk.services.errors import SERVICE_ERRORS
from agent_desk.services.seat.seats import AWAY_REASONS
from tests.house.sources import texts

PLACEHOLDER = re.compile(r"\{(\w+)\}")
# `t("a.b")` of templates and scripts, `translate("a.b")` and "error.a" of Python.
LITERAL = re.compile(r"""["'`]([a-z_]+(?:\.[A-Za-z0-9_-]+)+)["'`]""")
CALL = re.compile(r"""\b(?:t|translate)\(\s*["'`]([^"'`$]+)["'`]\s*[,)]""")
FAMILY = re.compile(r"""["'`]([a-z_]+(?:\.[a-z0-9_]+)*[._])(?:["']\s*[~+]|\$\{|\{)""")
# Families whose members are codes of the product: exactly those, no more and no fewer.
SENT_BY_GATEWAYS = {
    "bad-offer",
    "malformed",
    "no-media-port",
    "no-usable-address",
    "seat-busy",
    "seat-not-connected",
    "seat-silent",
    "seat-unknown",
    "stale-epoch",
    "wrong-gateway",
}


@cache
def written() -> str:
    """Everything that may name a string, in one text."""
    return "\n".join(
        source.text
        for source in texts()
        if source.path.startswith("agent_desk/")
        and source.path.endswith((".py", ".js", ".html"))
        and "/vendor/" not in source.path
    )


def found(pattern: str, *prefixes: str) -> set[str]:
    """What a pattern finds in Python files below these folders."""
    return {
        match
        for source in texts()
        if source.path.startswith(prefixes) and source.path.endswith(".py")
        for match in re.findall(pattern, source.text)
    }


def wanted_errors() -> set[str]:
    """Every refusal a page may be told: of the core, the services, the doors and the gateways."""
    doors = found(
        r'(?:SocketRefused|_refusal|_answer)\((?:opened, |\d+, )?"([a-z-]+)"', "agent_desk/"
    )
    forms = {
        each.removeprefix("error.") for each in found(r'"(error\.[a-z-]+)"', "agent_desk/forms/")
    }
    local = {
        each.removeprefix("error.")
        for source in texts()
        if source.path.startswith("agent_desk/static/js/")
        for each in re.findall(r'"(error\.[a-z-]+)"', source.text)
    }
    local |= {
        each
        for source in texts()
        if source.path.startswith("agent_desk/static/js/")
        for each in re.findall(r'\bid: "([a-z]+(?:-[a-z]+)+)"', source.text)
    }
    pages = {f"http-{status}" for status in PAGES}
    core = {str(each) for each in ErrorId} | {"illegal-move", "bad-payload", "unexpected"}
    return core | SERVICE_ERRORS | set(HTTP_STATUS) | pages | doors | forms | local


def import_reasons() -> set[str]:
    """Why a row of a file was not taken."""
    return found(
        r'(?:BadValue\(|Refused\(|reason=|None, |or |refused if \w+ else |if twice else )"'
        r'([a-z]+(?:-[a-z]+)+)"',
        "agent_desk/services/lists/normalise.py",
        "agent_desk/services/lists/import_files.py",
        "agent_desk/store/lists/importing.py",
        "agent_desk/store/lists/matching.py",
    ) | {"duplicate-in-file", "duplicate-in-list", "duplicate-in-product", "duplicate-in-system"}


FAMILIES = {
    "state": {state.value for state in SeatState},
    "outcome": {outcome.value for outcome in Outcome},
    "why": {code.value or "nothing" for code in WhyCode},
    "away": {*AWAY_REASONS, deadlines.LAGGED, wrap_up.AWAY_AFTER_WRAP_UP, leaving.CONSULT},
    "notice": found(r'Tell(?:Leads|Seat)\(\s*"([a-z-]+)"', "agent_desk/dialer/")
    | found(r'leads_told\("([a-z-]+)"', "agent_desk/sockets/")
    | found(r'"(party-[a-z]+)"', "agent_desk/dialer/parties.py")
    | found(r'_tell_leads\(\s*"([a-z-]+)"', "agent_desk/services/"),
    "running": set(get_args(Running)),
    "mode": set(get_args(Mode)),
    "screening": set(get_args(Screening)),
    "role": set(FIRST_PAGES),
    "import.reason": import_reasons(),
}
# What the pages add to a family for themselves.
ADDED = {"state": {"previewing", "consulting"}}


def members(family: str) -> set[str]:
    """The ids of a family, without its name."""
    return {
        string_id.removeprefix(f"{family}.")
        for string_id in catalogue("ja")
        if string_id.startswith(f"{family}.")
    }


def test_both_languages_have_the_same_strings_with_the_same_gaps() -> None:
    japanese, english = (catalogue(locale) for locale in LOCALES)
    assert set(japanese) == set(english)
    differing = [
        string_id
        for string_id in japanese
        if set(PLACEHOLDER.findall(japanese[string_id]))
        != set(PLACEHOLDER.findall(english[string_id]))
    ]
    assert not differing, differing


@pytest.mark.parametrize("locale", LOCALES)
def test_no_string_is_empty_or_ends_in_space(locale: str) -> None:
    assert [
        key for key, text in catalogue(locale).items() if text != text.strip() or not text
    ] == []


def test_english_strings_are_in_english() -> None:
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    mixed = [key for key, text in catalogue("en").items() if japanese.search(text)]
    assert set(mixed) <= {"app.other_language"}, mixed


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_of_the_product_has_its_words(family: str) -> None:
    assert members(family) == FAMILIES[family] | ADDED.get(family, set())


def test_every_error_has_its_sentence() -> None:
    there = members("error")
    wanted = wanted_errors()
    assert wanted - there == set()
    assert there - wanted - SENT_BY_GATEWAYS == set()


def test_every_string_that_is_named_exists() -> None:
    named = set(CALL.findall(written()))
    assert len(named) > 100
    missing = {each for each in named if "." in each} - set(catalogue("ja"))
    assert not missing, missing


def test_every_family_that_is_named_has_members() -> None:
    families = {family for family in FAMILY.findall(written()) if _looks_like_one(family)}
    empty = [f for f in families if not any(_is_of(each, f) for each in catalogue("ja"))]
    assert not empty, empty


def _looks_like_one(family: str) -> bool:
    """Whether it is a family of strings, not a file name or an attribute."""
    first = {string_id.split(".")[0] for string_id in catalogue("ja")}
    return family.split(".")[0] in first


def test_no_string_is_there_for_nobody() -> None:
    literals = set(LITERAL.findall(written()))
    families = {family for family in FAMILY.findall(written()) if _looks_like_one(family)}
    unused = [
        string_id
        for string_id in catalogue("ja")
        if string_id not in literals and not _in_family(string_id, families)
    ]
    assert not unused, unused


def _in_family(string_id: str, families: Iterable[str]) -> bool:
    return any(_is_of(string_id, family) for family in families)


def _is_of(string_id: str, family: str) -> bool:
    """Whether the string is the family's name and one more part, filled in at run time."""
    return string_id.startswith(family) and "." not in string_id.removeprefix(family)
