"""How a call ended on the network: one value, made once per call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["remote", "local", "timeout", "trunk"]
_LONGEST = 120  # characters of a reason


@dataclass(frozen=True)
class SipEnding:
    """The end of one call.

    `code`: the final SIP code: of the refusal, 200 for a call that was answered, 487 for one we
    cancelled, 408 with `by="trunk"` when the trunk never said a word.
    `by`: remote (they refused or hung up), local (we cancelled or hung up), timeout (the ring
    limit), trunk (no answer from the trunk, an answer nobody can use, or a lost session).
    `q850`: the ISDN cause of a Reason header (RFC 3326). `rang`: any 18x was seen.
    `answered`: a 2xx came, also one that crossed our CANCEL and was hung up at once (then the
    listener never heard `on_answer`, but the customer picked up a dead line and the carrier bills
    it). `retry_after_s`: how long a refusal asked to be left alone (Retry-After), None when it did
    not.
    """

    code: int | None
    reason: str
    q850: int | None
    by: By
    rang: bool
    answered: bool
    retry_after_s: int | None = None

    def __post_init__(self) -> None:
        """The reason may be the trunk's own words: a line that can be shown, and a short one."""
        if self.reason.isascii() and self.reason.isprintable() and len(self.reason) <= _LONGEST:
            return
        text = self.reason[:_LONGEST].encode("utf-8", "replace").decode()
        shown = "".join(each if each.isprintable() else "?" for each in text)
        object.__setattr__(self, "reason", shown)
