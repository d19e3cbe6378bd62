"""本人確認: the operator types what is heard, the server says whether it matches.

The stored value never leaves the server. Wrong answers are counted per call and locked after the
campaign's number of tries; the last wrong one makes the counterpart a third party, to whom
nothing may be said (domain rule R33). A verification is good for this call only.
"""

from __future__ import annotations

import hmac
import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from agent_desk.dialer.commands import RecordIdentity
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.services.errors import ServiceError
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.running.group_commit import DONE, GroupCommit
from agent_desk.services.seat.seats import SeatService
from agent_desk.store.records import identity as identity_rows
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "大正": 1911}
_DATE = re.compile(
    r"^(?P<era>令和|平成|昭和|大正|[RHS])?(?P<y>\d{1,4}|元)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?$"
)
_EIGHT = re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$")


@dataclass(frozen=True)
class Checked:
    """What one try came to."""

    matched: bool
    state: str
    tries_left: int


class IdentityService:
    """Compares, counts and records."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        seats: SeatService,
        book: CampaignBook,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._seats = seats
        self._book = book
        self._checking: set[CallId] = set()
        self._door = threading.Lock()

    def check(
        self, seat_id: SeatId, call_id: CallId, *, answer: str, command_id: str | None
    ) -> Checked:
        """One try; ServiceError `identity-locked` when none is left.

        One at a time: answers sent together would all be compared before the first is counted,
        and a birthday can be guessed with enough of them. `too-many-events` for the others.
        """
        with self._alone(call_id):
            return self._check(seat_id, call_id, answer=answer, command_id=command_id)

    @contextmanager
    def _alone(self, call_id: CallId) -> Iterator[None]:
        with self._door:
            if call_id in self._checking:
                raise ServiceError("too-many-events")
            self._checking.add(call_id)
        try:
            yield
        finally:
            self._checking.discard(call_id)

    def _check(
        self, seat_id: SeatId, call_id: CallId, *, answer: str, command_id: str | None
    ) -> Checked:
        _, call = self._seats.live(seat_id, call_id)
        facts = self._book.get(call.campaign_id)
        if not self._commits.floor.campaigns[call.campaign_id].identity_needed:
            raise ServiceError("identity-not-needed")
        if call.customer_id is None:
            raise ServiceError("caller-unknown")
        with self._database.read() as session:
            failures = identity_rows.failures(session, call_id)
            right = identity_rows.was_right(session, call_id)
            asked = to_ask(facts, identity_rows.matched(session, call_id))
            stored = identity_rows.factor(session, self._sealer, call.customer_id, factor=asked[0])
        if command_id is not None and self._commits.answered(command_id) == DONE:
            # The page did not hear the answer and asks again: that is no further try.
            left = max(0, facts.identity_tries - failures)
            return Checked(right, call.identity, left)
        if failures >= facts.identity_tries:
            raise ServiceError("identity-locked")
        matched = stored is not None and matches(asked[0], answer, stored)
        left = facts.identity_tries - failures - (0 if matched else 1)
        if matched:
            state = "verified" if len(asked) == 1 else "matched"
        else:
            state = "third_party" if left <= 0 else "unknown"
        self._record(
            RecordIdentity(seat_id, call_id, state, asked[0]),  # type: ignore[arg-type]
            command_id,
        )
        return Checked(matched, "unknown" if state == "matched" else state, max(0, left))

    def third_party(self, seat_id: SeatId, call_id: CallId, *, command_id: str | None) -> None:
        """Somebody else is on the line: nothing about the debt may be said."""
        _, call = self._seats.live(seat_id, call_id)
        factor = self._book.get(call.campaign_id).identity_factors[0]
        self._record(RecordIdentity(seat_id, call_id, "third_party", factor), command_id)

    def _record(self, command: RecordIdentity, command_id: str | None) -> None:
        reply = self._commits.submit(command, command_id=command_id)
        if not reply.ok:
            raise ServiceError(reply.error_id, **reply.details)


def to_ask(facts: CampaignFacts, matched: Collection[str]) -> list[str]:
    """The campaign's factors that are still to be asked on a call; at least the last one."""
    left = [factor for factor in facts.identity_factors if factor not in matched]
    return left or [facts.identity_factors[-1]]


def matches(factor: str, answer: str, stored: str) -> bool:
    """Whether what was typed means what is stored; the comparison takes constant time."""
    heard, known = normalise(factor, answer), normalise(factor, stored)
    return bool(known) and hmac.compare_digest(heard.encode(), known.encode())


def normalise(factor: str, text: str) -> str:
    """One spelling for every way of typing the same thing; "" for what cannot be read."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if factor == "birth_date":
        return _birth_date(plain.replace(" ", ""))
    if factor in ("phone_last4", "member_last4"):
        digits = re.sub(r"\D", "", plain)
        return digits if len(digits) == 4 else ""
    return _letters(plain)


def _letters(text: str) -> str:
    """Without spaces, separators and case, in one form of Unicode.

    Taking something out can bring a letter and a loose accent together, which then are one letter;
    so it is done until nothing changes any more.
    """
    while True:
        again = re.sub(r"[\s、,・]", "", unicodedata.normalize("NFKC", text)).casefold()
        if again == text:
            return again
        text = again


def _birth_date(text: str) -> str:
    found = _EIGHT.match(text) or _DATE.match(text.upper())
    if found is None:
        return ""
    parts = found.groupdict()
    year = 1 if parts["y"] == "元" else int(parts["y"])
    if parts.get("era"):
        year += ERAS[parts["era"]]
    try:
        return date(year, int(parts["m"]), int(parts["d"])).isoformat()
    except ValueError:
        return ""
