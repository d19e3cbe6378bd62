"""The facts of a data directory held against the rows, for `python -m agent_desk audit`."""

from __future__ import annotations

from pathlib import Path

from agent_desk.store.facts import verification
from agent_desk.store.facts.reading import Facts, NoFacts
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Session

DAYS = 5


def check(directory: Path, session: Session, sealer: Sealer) -> list[Violation]:
    """What differs on some days, other ones each day; nothing where there are no facts."""
    try:
        facts = Facts(directory, sealer)
    except (NoFacts, CannotOpen):
        return []  # they are being made, or are made anew at the next start
    return verification.check(facts, session, days=DAYS, seed=facts.as_of.toordinal())
