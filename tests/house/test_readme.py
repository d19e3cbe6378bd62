"""The README is true: its tables, its commands, its pictures, and the files it sends readers to."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import click
import pytest

from agent_desk.cli import commands
from agent_desk.services.demo.seed import BORN
from softphone.practice_carrier.number_plan import CELLS
from tests.house.sources import ROOT, texts

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/deploy.md", "docs/number-plan.md")
# What a reader may copy: `python -m agent_desk <command> <options>`.
CALLED = re.findall(r"python -m agent_desk ([a-z-]+)([^\n#`]*)", README)


def test_it_prints_the_table_of_last_two_digits() -> None:
    rows = re.findall(r"^\| \*\*\d\*\* \|(.*)\|$", README, flags=re.MULTILINE)
    assert tuple(row.replace("|", "").replace(" ", "") for row in rows) == CELLS


def test_it_counts_the_numbers_of_each_kind() -> None:
    counts = Counter("".join(CELLS))
    told = {letter: int(count) for letter, count in re.findall(r"\*\*([A-Z])\*\* (\d+) ", README)}
    assert {letter: counts[letter] for letter in told} == told
    assert set(counts) == set(re.findall(r"\*\*([A-Z])\*\*", README))


def test_it_says_when_practice_customers_were_born() -> None:
    assert f"**{BORN}**" in README


@pytest.mark.parametrize(("command", "words"), CALLED)
def test_its_commands_exist_with_their_options(command: str, words: str) -> None:
    called: click.Command = commands.commands[command]
    if isinstance(called, click.Group):
        called = called.commands[words.split()[0]]
    known = {
        option
        for parameter in called.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert set(re.findall(r"--[a-z-]+", words)) <= known


def test_it_shows_how_to_begin_on_a_trunk() -> None:
    assert {"migrate", "create-campaign", "create-user", "import-list"} <= {c for c, _ in CALLED}


def test_every_picture_is_shown() -> None:
    pictures = {path.name for path in (ROOT / "docs/screenshots").glob("*.png")}
    assert pictures == set(re.findall(r"\(docs/screenshots/([a-z-]+\.png)\)", README))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    here = (ROOT / page).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (here / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_files_it_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    rooms = ("", "agent_desk/", "softphone/", "agent_desk/static/js/")
    named = re.findall(r"`((?:[\w.-]+/)*[\w]+\.(?:py|js|md|json))`", text)
    missing = [name for name in named if not any((ROOT / room / name).exists() for room in rooms)]
    # Named after the room they stand in.
    known = {Path(source.path).name for source in texts()}
    rest = [name for name in missing if "/" in name or name not in known]
    assert rest == []


def test_every_decision_can_be_found() -> None:
    decisions = {path.name for path in (ROOT / "docs/decisions").glob("*.md")}
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert decisions == set(re.findall(r"\(docs/decisions/([\w-]+\.md)\)", text))
