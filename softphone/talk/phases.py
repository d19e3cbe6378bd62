"""The law of a call of this gateway, as one table: which phase may follow which. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from softphone.protocol import CallPhase

MOVES: Mapping[CallPhase, frozenset[CallPhase]] = {
    CallPhase.PLACED: frozenset({CallPhase.RINGING, CallPhase.SCREENING, CallPhase.WAITING}),
    CallPhase.RINGING: frozenset({CallPhase.SCREENING, CallPhase.WAITING}),
    CallPhase.SCREENING: frozenset({CallPhase.WAITING, CallPhase.TREATED}),
    CallPhase.WAITING: frozenset({CallPhase.BRIDGED, CallPhase.TREATED}),
    CallPhase.BRIDGED: frozenset({CallPhase.TREATED}),
    CallPhase.TREATED: frozenset(),
}


class IllegalMove(Exception):
    """A phase that cannot follow the present one; nothing was changed."""
