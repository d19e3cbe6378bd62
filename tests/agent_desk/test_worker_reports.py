"""The process that makes reports is there quickly: it loads and translates what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent_desk.services.reports import pages

# What reads lists and recordings, which it never does.
NOT_NEEDED = ("av", "agent_desk.services.lists.import_work", "agent_desk.worker_jobs")


def test_it_loads_nothing_of_what_reads_lists_and_recordings() -> None:
    probe = (
        "import sys, agent_desk.worker, agent_desk.worker_reports;"
        f"print(*[each for each in {NOT_NEEDED!r} if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_every_fragment_is_translated_before_somebody_asks(locale: str) -> None:
    pages._environment.cache_clear()
    pages.prepare(locale)
    translated = pages._environment(locale).cache
    assert translated is not None
    names = {str(key[1]) for key in translated.keys()}  # noqa: SIM118 - no mapping
    assert {
        f"reports/fragments/{path.name}"
        for path in (pages._TEMPLATES / "reports/fragments").glob("*.html")
    } <= names
