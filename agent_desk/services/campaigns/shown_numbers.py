"""Which numbers a campaign may show: such as can be called back, and the trunks may show (R30).

A call that shows no number is taken for a fraud and hung up on, and one whose number belongs to
somebody else is one. So a campaign is not published while its calls would be withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent_desk.dialer.rules.numbers import dialable_form
from agent_desk.services.dialing.caller_ids import area_of, e164, numbers_of

MOST_NUMBERS = 50
MOST_AREAS = 100


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: a sentence of the catalogue, `campaign.fault.<reason>`.

    `named`: which of what was entered.
    """

    field: str
    reason: str
    lowest: float | None = None
    highest: float | None = None
    named: str = ""


class Trunk(Protocol):
    """What is asked of the settings of a trunk."""

    @property
    def caller_id(self) -> str: ...

    @property
    def privacy(self) -> str: ...

    @property
    def shown_numbers(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class ShownBy:
    """All trunks together: `allowed` are the only numbers any of them shows, empty where one shows
    whatever it is told; `nameless`: one shows none unless a campaign names it; `withholds`: one
    hides whatever it is told."""

    allowed: frozenset[str] = frozenset()
    nameless: bool = False
    withholds: bool = False


UNKNOWN = ShownBy()


def shown_by(trunks: Iterable[Trunk]) -> ShownBy:
    """What these trunks show."""
    known = list(trunks)
    free = any(not trunk.shown_numbers for trunk in known)
    every = {e164(number) for trunk in known for number in trunk.shown_numbers}
    return ShownBy(
        allowed=frozenset() if free else frozenset(every),
        nameless=any(not trunk.caller_id and not trunk.shown_numbers for trunk in known),
        withholds=any(trunk.privacy == "id" for trunk in known),
    )


def faults(
    caller_id: str, by_area: Sequence[Sequence[str]], *, shown_by: ShownBy = UNKNOWN
) -> list[Fault]:
    """Everything that is wrong with a campaign's numbers and with those of areas."""
    numbers = numbers_of(caller_id)
    found = _of_numbers("caller_id", numbers, shown_by)
    if not numbers and shown_by.nameless:
        found.append(Fault("caller_id", "withheld"))
    elif shown_by.withholds:
        found.append(Fault("caller_id", "withheld_by_trunk"))
    return [*found[:1], *_of_areas(by_area, shown_by)[:1]]


def _of_areas(by_area: Sequence[Sequence[str]], shown_by: ShownBy) -> list[Fault]:
    field = "local_caller_ids"
    if len(by_area) > MOST_AREAS:
        return [Fault(field, "areas", 1, MOST_AREAS)]
    keys = [area_of(area) for area, _ in by_area]
    found = [
        Fault(field, "area", named=area)
        for (area, _), key in zip(by_area, keys, strict=True)
        if key is None
    ]
    twice = [area for (area, _), key in zip(by_area, keys, strict=True) if keys.count(key) > 1]
    found += [Fault(field, "area_twice", named=area) for area in twice]
    return found + _of_numbers(field, [number for _, number in by_area], shown_by)


def _of_numbers(field: str, numbers: Sequence[str], shown_by: ShownBy) -> list[Fault]:
    if len(numbers) > MOST_NUMBERS and field == "caller_id":
        return [Fault(field, "numbers", 1, MOST_NUMBERS)]
    # Whoever sees it calls it back, so it has the form of a number one can call.
    unusable = [each for each in numbers if not dialable_form(e164(each), practice=True)]
    if unusable:
        return [Fault(field, "numbers", 1, MOST_NUMBERS, unusable[0])]
    strange = [each for each in numbers if shown_by.allowed and e164(each) not in shown_by.allowed]
    return [Fault(field, "not_ours", named=each) for each in strange]
