"""How each conversation sounds, and which of its two legs is to blame.

A gateway tells every second what it measured of its legs, a page what its browser did. Neither
decides anything, so none of it is on the floor or in the database: the last five seconds are kept
here for the pages, and a sum for each call, which becomes one row when the call is over.

A leg is judged by the limits at which Twilio's voice library warns: round trip over 400 ms or
jitter over 30 ms in three of five seconds, loss over 3 % on average, an estimated opinion below 3.5
in three of five. Each warning costs bars; heavy loss costs more.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent_desk.dialer.events import CallFinished, Event
from agent_desk.dialer.floor import CallState, Floor
from agent_desk.dialer.ids import CallId, GatewayId, SeatId
from agent_desk.services.ports import LegFigures, LineFigures
from agent_desk.services.seat.loudness import Loudness
from agent_desk.store.rows.call_quality import CallSummary, Why
from softphone.opinion import mean_opinion

WINDOW = 5
OFTEN = 3
MOST_BARS = 5
WARNED_BARS = 3
RTT_MS, JITTER_MS, LOSS, MOS = 400.0, 30.0, 0.03, 3.5
# Bars at most, by the mean loss and the mean opinion of the window; the first that applies.
_BY_LOSS = ((0.08, 1), (0.05, 2), (LOSS, WARNED_BARS), (0.01, 4))
_BY_MOS = ((2.6, 1), (3.2, 2), (MOS, WARNED_BARS), (4.2, 4))
# A page reports every second or two; what it said is used for so many seconds of the gateway's.
_PAGE_LASTS = 3


def bars(window: Sequence[LegFigures]) -> int:
    """1 (hardly to be understood) to 5 (as good as it gets) for a leg; 0 when nothing is known."""
    if not window:
        return 0
    often = min(OFTEN, len(window))
    opinions = [each.mos for each in window if each.mos is not None]
    loss = sum(each.loss for each in window) / len(window)
    warnings = [
        sum((each.rtt_ms or 0.0) > RTT_MS for each in window) >= often,
        sum(each.jitter_ms > JITTER_MS for each in window) >= often,
        loss > LOSS,
        sum(mos < MOS for mos in opinions) >= often,
    ]
    shown = MOST_BARS
    if any(warnings):
        shown = WARNED_BARS if sum(warnings) == 1 else WARNED_BARS - 1
    shown = min([shown, *(most for limit, most in _BY_LOSS if loss > limit)])
    if opinions:
        mean = sum(opinions) / len(opinions)
        shown = min([shown, *(most for limit, most in _BY_MOS if mean < limit)])
    return shown


def why_poor(window: Sequence[LegFigures]) -> Why:
    """What a leg with few bars suffers from most."""
    often = min(OFTEN, len(window))
    if sum(each.loss for each in window) / len(window) > LOSS:
        return "loss"
    if sum((each.rtt_ms or 0.0) > RTT_MS for each in window) >= often:
        return "delay"
    if sum(each.jitter_ms > JITTER_MS for each in window) >= often:
        return "jitter"
    return "loss"  # a burst: too short for its mean, long enough for the opinion


@dataclass
class _Tally:
    """The sums of one call."""

    seconds: int = 0
    losses: float = 0.0
    opinions: list[float] = field(default_factory=list)
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    worst: float | None = None
    poor: dict[str, Counter[Why]] = field(
        default_factory=lambda: {"operator": Counter(), "customer": Counter()}
    )
    noisy: dict[str, int] = field(default_factory=lambda: {"operator": 0, "customer": 0})

    def add(self, windows: Mapping[str, Sequence[LegFigures]], view: Mapping[str, Any]) -> None:
        self.seconds += 1
        legs = [window[-1] for window in windows.values() if window]
        self.losses += max((leg.loss for leg in legs), default=0.0)
        opinions = [leg.mos for leg in legs if leg.mos is not None]
        if opinions:
            self.opinions.append(min(opinions))
            self.recent.append(min(opinions))
            if len(self.recent) == WINDOW:
                mean = sum(self.recent) / WINDOW
                self.worst = mean if self.worst is None else min(self.worst, mean)
        for side in view["poor"]:
            self.poor[side][why_poor(windows[side])] += 1
        for side in view["noisy"]:
            self.noisy[side] += 1

    def summary(self, call_id: CallId) -> CallSummary:
        mos = sum(self.opinions) / len(self.opinions) if self.opinions else None
        loss = self.losses / self.seconds
        worst = mos if self.worst is None else self.worst
        poor_s = {side: reasons.total() for side, reasons in self.poor.items()}
        why = {side: reasons.most_common(1)[0][0] for side, reasons in self.poor.items() if reasons}
        return CallSummary(
            call_id, self.seconds, mos, worst, loss, poor_s=poor_s, why=why, noisy_s=self.noisy
        )


class LineQuality:
    """See the module. `floor` tells which seat is on which call."""

    def __init__(self, floor: Callable[[], Floor]) -> None:
        self._floor = floor
        self._legs: dict[SeatId, deque[LegFigures]] = {}
        self._lines: dict[CallId, deque[LegFigures]] = {}
        self._measured: dict[GatewayId, frozenset[CallId]] = {}
        self._pages: dict[SeatId, tuple[int, LegFigures]] = {}
        self._tallies: dict[CallId, _Tally] = {}
        self._loudness = Loudness(floor)
        # What was told since the last second: a floor is looked at several times in each.
        self._views: dict[SeatId, tuple[CallId | None, dict[str, Any]]] = {}

    def __len__(self) -> int:
        """Calls whose sums are being kept."""
        return len(self._tallies)

    def page_says(self, seat_id: SeatId, figures: LegFigures) -> None:
        """What the seat's browser measured of its leg."""
        self._pages[seat_id] = (_PAGE_LASTS, figures)

    def observe(self, figures: LineFigures) -> None:
        """One second of one gateway."""
        for seat_id, leg in figures.seats.items():
            window = self._legs.setdefault(seat_id, deque(maxlen=WINDOW))
            window.append(self._with_page(seat_id, leg))
            self._loudness.hear(seat_id, leg.level_dbfs)
        for call_id, leg in figures.calls.items():
            self._lines.setdefault(call_id, deque(maxlen=WINDOW)).append(leg)
        over = self._measured.get(figures.gateway_id, frozenset()) - figures.calls.keys()
        for call_id in over:
            self._lines.pop(call_id, None)
        self._measured[figures.gateway_id] = frozenset(figures.calls)
        self._forget_seats()
        self._views.clear()
        for call_id in figures.calls:
            self._add_up(call_id)

    def view(self, seat_id: SeatId, call_id: CallId | None) -> dict[str, Any]:
        """What pages show: bars of the worse leg (0: not known), whose leg is poor, whose noisy,
        and whether the operator was loud on this call."""
        known = self._views.get(seat_id)
        if known is not None and known[0] == call_id:
            return known[1]
        sides = self._windows(seat_id, call_id)
        counts = {side: bars(window) for side, window in sides.items()}
        view = {
            "bars": min((count for count in counts.values() if count), default=0),
            "poor": [side for side, count in counts.items() if 0 < count <= WARNED_BARS],
            "noisy": [side for side, window in sides.items() if window and window[-1].noisy],
            "loud": self._loudness.was_loud(seat_id, call_id),
        }
        self._views[seat_id] = (call_id, view)
        return view

    def finished(self, events: Sequence[Event]) -> Iterator[CallSummary]:
        """The sums of the calls that ended with these events."""
        for event in events:
            if isinstance(event, CallFinished):
                if self._lines.pop(event.call_id, None) is not None:
                    self._forget_views(event.call_id)
                tally = self._tallies.pop(event.call_id, None)
                if tally is not None:
                    yield tally.summary(event.call_id)

    def _windows(self, seat_id: SeatId, call_id: CallId | None) -> dict[str, Sequence[LegFigures]]:
        return {
            "operator": tuple(self._legs.get(seat_id, ())),
            "customer": tuple(self._lines.get(call_id, ())) if call_id is not None else (),
        }

    def _with_page(self, seat_id: SeatId, leg: LegFigures) -> LegFigures:
        """The worse of what both ends of a leg say."""
        lasts, page = self._pages.pop(seat_id, (0, None))
        if page is None:
            return leg
        if lasts > 1:
            self._pages[seat_id] = (lasts - 1, page)
        delays = [rtt for rtt in (leg.rtt_ms, page.rtt_ms) if rtt is not None]
        return replace(
            leg,
            loss=max(leg.loss, page.loss),
            jitter_ms=max(leg.jitter_ms, page.jitter_ms),
            rtt_ms=max(delays, default=None),
            mos=None if leg.mos is None else min(leg.mos, _opinion(page)),
        )

    def _add_up(self, call_id: CallId) -> None:
        call = self._floor().calls.get(call_id)
        if call is None or call.seat_id is None or call.state is CallState.ENDED:
            return  # the sums of one that is over have been written; nobody would take new ones
        windows, view = self._windows(call.seat_id, call_id), self.view(call.seat_id, call_id)
        self._tallies.setdefault(call_id, _Tally()).add(windows, view)

    def _forget_views(self, call_id: CallId) -> None:
        """Nothing is known of this customer's leg any more."""
        for seat_id in [each for each, (of, _) in self._views.items() if of == call_id]:
            del self._views[seat_id]

    def _forget_seats(self) -> None:
        seats = self._floor().seats
        for known in (self._legs, self._pages):
            for seat_id in known.keys() - seats.keys():
                known.pop(seat_id, None)


def _opinion(page: LegFigures) -> float:
    """What the operator would think of what their browser got."""
    return mean_opinion(loss=page.loss, jitter_ms=page.jitter_ms, delay_ms=(page.rtt_ms or 0.0) / 2)
