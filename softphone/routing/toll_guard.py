"""Against toll fraud: where a trunk may call to, and how much it may spend on a business day.

Whoever gets hold of a desk makes money by having it call numbers that pay them. So each trunk has
the prefixes it may call (Japan's, unless set up otherwise), prefixes it may not call within those
(premium services), and a cap on what its calls may cost. Every INVITE and every transfer passes
here. Talks that are under way are never cut: the cap is looked at before a call, counting each call
that is out as one minute at least.

What was spent is an estimate, minutes begun times the trunk's price; it is kept in a file so that a
restart does not open the till again.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from softphone.protocol import Refusal
from softphone.sip.transport.timing import TimerHandle, Timers

log = logging.getLogger(__name__)
JAPAN = timezone(timedelta(hours=9))  # has no summer time
SAVE_AFTER_S = 1.0

PREFIX_REFUSED = Refusal("prefix_not_allowed", "the trunk may not call numbers that begin so")
CAP_REACHED = Refusal("spend_cap", "what the trunk may cost on one day is used up")


@dataclass(frozen=True)
class TollRules:
    """Of one trunk. Prefixes are +E.164; amounts in yen, a cap of 0 is none."""

    trunk_id: str
    allowed: tuple[str, ...]
    denied: tuple[str, ...]
    cap_yen: int = 0
    yen_per_minute: float = 0.0


def in_e164(number: str) -> str:
    """0312345678, 010 1 202…, +81 3… → + and digits; "" for what has no such form (110, 1xx)."""
    compact = re.sub(r"[-() ]", "", number)
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", compact):
        return compact
    if re.fullmatch(r"010[1-9][0-9]{5,13}", compact):
        return "+" + compact.removeprefix("010")
    if re.fullmatch(r"0[1-9][0-9]{7,12}", compact):
        return "+81" + compact[1:]
    return ""


class TollGuard:
    """`today()` is the business day's clock; `path` None keeps nothing over a restart."""

    def __init__(
        self,
        rules: Iterable[TollRules] = (),
        *,
        now: Callable[[], datetime] = lambda: datetime.now(JAPAN),
        path: Path | None = None,
        timers: Timers | None = None,
    ) -> None:
        self._rules = {each.trunk_id: each for each in rules}
        self._now, self._path, self._timers = now, path, timers
        self._parts: dict[str, float] = {}
        self._spent: dict[str, float] = {}
        self._out: dict[str, _Spell] = {}
        self._day = self._today()
        self._saving: TimerHandle | None = None
        self._load()

    def set_part(self, trunk_id: str, part: float) -> None:
        """How much of the trunk's cap this gateway may use: its part of the trunk's lines."""
        self._parts[trunk_id] = part

    def refusal(self, trunk_id: str, number: str) -> Refusal | None:
        """Why this trunk may not call this number now, or None when it may."""
        rules = self._rules.get(trunk_id)
        if rules is None:
            return None
        if not may_call(rules, number):
            return PREFIX_REFUSED
        if rules.cap_yen and self._estimate(rules, waiting=True) >= self._cap(rules):
            return CAP_REACHED
        return None

    def exhausted(self, trunk_id: str) -> bool:
        """Whether the day's cap is used up for good."""
        rules = self._rules.get(trunk_id)
        if rules is None or not rules.cap_yen:
            return False
        return self._estimate(rules, waiting=False) >= self._cap(rules)

    # -- what calls tell -------------------------------------------------------------------------

    def begun(self, call_id: str, trunk_id: str) -> None:
        """An INVITE leaves."""
        self._out[call_id] = _Spell(trunk_id)

    def answered(self, call_id: str) -> None:
        spell = self._out.get(call_id)
        if spell is not None:
            spell.since = self._now()
            self._save_soon()

    def ended(self, call_id: str, *, answered: bool) -> None:
        """A call that was answered only to be hung up at once still costs its first minute."""
        spell = self._out.pop(call_id, None)
        if spell is not None and answered:
            self._turn_day()
            cost = self._cost(spell)
            self._spent[spell.trunk_id] = self._spent.get(spell.trunk_id, 0.0) + cost
            self._save_soon()

    # -- sums ------------------------------------------------------------------------------------

    def _cap(self, rules: TollRules) -> float:
        return rules.cap_yen * self._parts.get(rules.trunk_id, 1.0)

    def _estimate(self, rules: TollRules, *, waiting: bool) -> float:
        """What the day has cost; `waiting`: with a minute for each call not answered yet."""
        self._turn_day()
        out = [each for each in self._out.values() if each.trunk_id == rules.trunk_id]
        live = sum(self._cost(each) for each in out if waiting or each.since is not None)
        return self._spent.get(rules.trunk_id, 0.0) + live

    def _cost(self, spell: _Spell) -> float:
        rules = self._rules.get(spell.trunk_id)
        lasted = self._now() - spell.since if spell.since is not None else timedelta(0)
        minutes = max(1, math.ceil(lasted.total_seconds() / 60))
        return minutes * rules.yen_per_minute if rules is not None else 0.0

    def _today(self) -> date:
        return self._now().astimezone(JAPAN).date()

    def _turn_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day = today
            self._spent.clear()

    # -- the file --------------------------------------------------------------------------------

    def _load(self) -> None:
        try:
            kept = json.loads(self._path.read_text("utf-8")) if self._path else {}
            if kept.get("day") == self._day.isoformat():
                self._spent = {str(name): float(yen) for name, yen in kept["yen"].items()}
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("what was spent today cannot be read; it counts from nothing")

    def _save_soon(self) -> None:
        if self._saving is None and self._timers is not None and self._path is not None:
            self._saving = self._timers.call_later(SAVE_AFTER_S, self.save)

    def save(self) -> None:
        """Write what was spent, live talks included: after a crash nobody can tell their length."""
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        if self._path is None:
            return
        rules = self._rules.values()
        yen = {each.trunk_id: self._estimate(each, waiting=False) for each in rules}
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps({"day": self._day.isoformat(), "yen": yen}), "utf-8")
            os.replace(fresh, self._path)
        except OSError:  # a full disk must not end calls
            log.exception("what was spent today cannot be written")


@dataclass
class _Spell:
    """One call that is out; `since` its answer."""

    trunk_id: str
    since: datetime | None = None


def may_call(rules: TollRules, number: str) -> bool:
    """Whether the trunk's prefixes let this number through; the longer prefix decides."""
    wanted = in_e164(number)
    allowed = _longest(rules.allowed, wanted)
    return bool(wanted) and allowed > 0 and allowed > _longest(rules.denied, wanted)


def _longest(prefixes: Iterable[str], number: str) -> int:
    return max((len(each) for each in prefixes if number.startswith(each)), default=0)
