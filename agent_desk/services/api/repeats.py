"""One effect and one answer for each Idempotency-Key, for a day.

A key is taken before the work begins and holds the answer after it, both through the one write
door, so of several requests at once one does the work. A refusal changes nothing and gives the key
back. Where the desk was stopped in between, the key stays taken for a minute and the work is then
done again: what it does (payments by their ids, customers by theirs) has one effect by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.api import answers
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Session

KEPT = timedelta(days=1)
# Longer than any request takes; whoever began it is gone.
WORKED_ON = timedelta(minutes=1)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    content_type: str
    location: str
    body: bytes


class Repeats:
    """Keeps answers, sealed."""

    def __init__(self, *, sealer: Sealer, commits: WriteDoor, clock: Clock) -> None:
        self._sealer = sealer
        self._commits = commits
        self._clock = clock

    def once(
        self, owner: str, key: str, request_hash: str, work: Callable[[], Answer]
    ) -> tuple[Answer, bool]:
        """The answer to a request, and whether it is that of an earlier one.

        ServiceError: idempotency-key-unusable, idempotency-key-reused, idempotency-in-progress,
        not-stored, and whatever the work is refused for.
        """
        if not _KEY.fullmatch(key):
            raise ServiceError("idempotency-key-unusable")
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        earlier = self._take(owner, key_hash, request_hash)
        if earlier is not None:
            return earlier, True
        try:
            answer = work()
        except BaseException:  # boundary: whatever broke it, the key must not stay taken
            self._write(lambda session: answers.forget(session, owner, key_hash))
            raise
        sealed = self._sealer.seal(answer.body.decode())
        self._write(
            lambda session: answers.keep(
                session,
                owner,
                key_hash,
                status=answer.status,
                content_type=answer.content_type,
                location=answer.location,
                body_sealed=sealed,
            )
        )
        return answer, False

    def _take(self, owner: str, key_hash: str, request_hash: str) -> Answer | None:
        """The earlier answer; None when the key is this request's from now on."""
        now = self._clock.real_now()
        found: list[answers.Kept] = []

        def rows(session: Session) -> None:
            found.clear()
            kept = answers.find(session, owner, key_hash)
            if kept is not None:
                given_up = kept.status is None and now - kept.at > WORKED_ON
                if not given_up and now - kept.at <= KEPT:
                    found.append(kept)
                    return
                answers.forget(session, owner, key_hash)
            answers.begin(session, owner, key_hash, request_hash=request_hash, at=now)

        self._write(rows)
        if not found:
            return None
        [kept] = found
        if kept.request_hash != request_hash:
            raise ServiceError("idempotency-key-reused")
        if kept.status is None or kept.body_sealed is None:
            raise ServiceError("idempotency-in-progress")
        body = self._sealer.open(kept.body_sealed).encode()
        return Answer(kept.status, kept.content_type, kept.location, body)

    def _write(self, rows: Callable[[Session], None]) -> None:
        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
