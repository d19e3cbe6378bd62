"""When a trunk is left alone after failures in a row: pure, instants in seconds of the loop.

Only what the trunk is to blame for counts: an INVITE refused with 408 or 5xx, or not answered at
all, before anything rang. A cause of the telephone network that came along (Q.850: busy, no such
number) says that the trunk did its work. Anything the far side of the trunk said ends the row.
"""

from __future__ import annotations

from softphone.sip.calls.endings import SipEnding

FAILURES = 5  # in a row
FIRST_REST_S = 30.0  # doubled each time until a call gets through
MOST_REST_S = 600.0

# ITU-T Q.850: about the called number or person, not about the way there.
_ABOUT_THE_CUSTOMER = frozenset({1, 16, 17, 18, 19, 20, 21, 22, 28})


def is_trunks_fault(ending: SipEnding) -> bool:
    """Whether another trunk, or this one later, may do better."""
    if ending.rang or ending.answered or ending.by in ("local", "timeout"):
        return False
    if ending.q850 in _ABOUT_THE_CUSTOMER:
        return False
    return is_trunks_code(ending.code or 0)


def is_trunks_code(code: int) -> bool:
    """The SIP codes by which a trunk says that it cannot."""
    return code == 408 or 500 <= code < 600


class Breaker:
    """Counts; `on_trial` says that the next failure opens it again."""

    def __init__(self) -> None:
        self.on_trial = False
        self._failures = 0
        self._rest_s = FIRST_REST_S

    def fail(self) -> float | None:
        """One failure more: for how many seconds the trunk must rest, or None."""
        self._failures += 1
        if self._failures < FAILURES and not self.on_trial:
            return None
        rest_s = self._rest_s
        self._rest_s = min(2 * rest_s, MOST_REST_S)
        self._failures, self.on_trial = 0, False
        return rest_s

    def succeed(self) -> None:
        """A call got through to the far side."""
        self._failures, self._rest_s, self.on_trial = 0, FIRST_REST_S, False

    def try_again(self) -> None:
        """The rest is over."""
        self.on_trial = True
