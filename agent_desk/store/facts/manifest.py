"""The manifest: which segments hold, how far the rows are read; replaced as one, so the commit.

What a writer made before it died, and did not name here, does not exist: its segments are removed,
its words cut off, and the same rows are read again.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agent_desk.store.facts.layout import FORMAT

NAME = "manifest.json"


@dataclass(frozen=True)
class Stay:
    """The state a seat is in since its newest move, as far as it is told to the facts."""

    state: str
    reason: str
    campaign: int
    began: int
    counted: bool
    call: bool


@dataclass(frozen=True)
class Manifest:
    """All there is to know of the facts beside their segments.

    `segments` is table → month → names, oldest first. `leased` and `last_id` say which attempt was
    read last, in order of leasing; `pending` are those that were not over then, `recent` those of
    the last moments, which are looked at again: attempts leased earlier may be committed later.
    `known` is how far ids of marks, results and promises are read, `ended` up to when promises that
    ended are; `move_id` is the last seat move, `stays` by user id what it began; customers are read
    up to `customer_id`, and those changed up to `customers_updated`; of these `erased` are known.
    """

    database: str  # of which database; another one's rows make all facts anew
    begun: str  # another word each time they are made anew
    format: int = FORMAT
    generation: int = 0
    words_name: str = "words"  # another one once words were forgotten
    words_bytes: int = 0
    segments: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    leased: int = 0
    last_id: str = ""
    pending: list[str] = field(default_factory=list)
    recent: dict[str, int] = field(default_factory=dict)  # call id → leased
    known: dict[str, int] = field(default_factory=dict)
    ended: int = 0
    along: dict[str, int] = field(default_factory=dict)  # `Alongside.floors`, while it is used
    move_id: int = 0
    stays: dict[str, Stay] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)  # user id → calls, see `intervals.py`
    customer_id: int = 0
    customers_updated: int = 0
    erased: list[int] = field(default_factory=list)  # of those changed last
    forgets: bool = False  # words of erased customers are still to go
    whole: bool = False  # everything there was has been read at least once
    as_of: int = 0  # the instant the rows were read at


def read(directory: Path) -> Manifest | None:
    """The manifest; None where there is none, or one of another format."""
    try:
        said = json.loads((directory / NAME).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if said.get("format") != FORMAT:
        return None
    stays = {user: Stay(**stay) for user, stay in said.pop("stays").items()}
    return Manifest(**said, stays=stays)


def write(directory: Path, manifest: Manifest) -> None:
    """Make this one the one that holds."""
    unready = directory / f"{NAME}.writing"
    with unready.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    unready.rename(directory / NAME)
    sync(directory)


def sync(directory: Path) -> None:
    """Names of files in a directory are durable only then."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
