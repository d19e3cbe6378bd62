"""What the facts hold: tables of columns, and what each of them means.

Tables, all but the last cut into Japanese months:

* `calls`: one row per attempt that is over, in the month it was leased in. A later correction
  brings the row again; the newer one holds.
* `marks`: one row per status that is on at a call, in the month it was set in.
* `intervals`: one row per stay of a seat in a state, in the month it began in; a stay over the
  end of a month is cut there, and only its first part is counted as one.
* `people`: one row per customer, a column for each field of the files they came in.

Instants are microseconds since 1970 UTC, lengths milliseconds, money yen. -1 says that something
did not happen, code 0 and id 0 that there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desk.dialer.floor import SeatState

FORMAT = 3  # another number makes all facts anew
CALLS, MARKS, INTERVALS = "calls", "marks", "intervals"
PEOPLE, ALWAYS = "people", "always"  # customers have no month
KEY = "key"  # what a later row replaces an earlier one by
REPLACED = "replaced"  # the keys whose earlier rows a segment replaces
STATES = tuple(state.value for state in SeatState)  # the code of a state is its place


@dataclass(frozen=True)
class Fact:
    """One column: its numpy type and, where it holds codes, the namespace of their words."""

    dtype: str
    words: str | None = None


def _words(namespace: str, dtype: str = "<u2") -> Fact:
    return Fact(dtype, namespace)


CALL_FACTS: Mapping[str, Fact] = {
    KEY: Fact("<u8"),  # of the call's id
    "call_id": Fact("S32"),
    "leased": Fact("<i8"),
    "bridged": Fact("<i8"),
    "campaign": Fact("<i4"),
    "list": Fact("<i4"),
    "entry": Fact("<i8"),
    "customer": Fact("<i8"),
    "user": Fact("<i4"),
    "outcome": _words("outcome"),
    "blame": _words("blame"),
    "ended_by": _words("ended_by"),
    "verdict": _words("verdict"),
    "identity": _words("identity"),
    "trunk": _words("trunk"),
    "gateway": _words("gateway"),
    "caller_id": _words("caller_id", "<u4"),
    "line": _words("line"),
    "counterpart": _words("counterpart"),
    "statuses": _words("statuses", "<u4"),  # the codes that are on, sorted, with spaces between
    "sip_code": Fact("<i2"),
    "q850": Fact("<i2"),
    "number_today": Fact("<i2"),
    "try_number": Fact("<i4"),  # which placed attempt at this list entry, from 1
    "inbound": Fact("|b1"),
    "placed": Fact("|b1"),
    "answered": Fact("|b1"),
    "live_answer": Fact("|b1"),
    "abandoned": Fact("|b1"),
    "recorded": Fact("|b1"),  # a result was saved
    "promised": Fact("|b1"),
    "promised_yen": Fact("<i8"),
    "ring_ms": Fact("<i4"),  # leased to answered
    "bridge_ms": Fact("<i4"),  # answered to bridged
    "greeting_ms": Fact("<i4"),  # end of the greeting, or of what stands for it, to bridged
    "length_ms": Fact("<i4"),  # bridged to ended
    "line_ms": Fact("<i4"),  # answered to ended for us: its line may be charged longer
    "talk_ms": Fact("<i4"),
    "hold_ms": Fact("<i4"),
    "wrap_ms": Fact("<i4"),
}

MARK_FACTS: Mapping[str, Fact] = {
    KEY: Fact("<u8"),
    "at": Fact("<i8"),
    "user": Fact("<i4"),
    "campaign": Fact("<i4"),
    "status": _words("status"),
}

INTERVAL_FACTS: Mapping[str, Fact] = {
    KEY: Fact("<u8"),  # the operator's id
    "user": Fact("<i4"),
    "state": Fact("|u1"),
    "reason": _words("reason"),
    "campaign": Fact("<i4"),
    "began": Fact("<i8"),
    "ended": Fact("<i8"),
    "counted": Fact("|b1"),  # began here, and not in the month before
    "call": Fact("|b1"),  # with it a call reached the operator
}

TABLES: Mapping[str, Mapping[str, Fact]] = {
    CALLS: CALL_FACTS,
    MARKS: MARK_FACTS,
    INTERVALS: INTERVAL_FACTS,
}
