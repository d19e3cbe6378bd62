"""What a campaign asks its customers at the end of a talk, and whom: a value of the floor.

Whether a call is drawn follows from its id and the campaign's and from nothing else: no operator
can choose who is asked, and whoever looks later comes to the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from agent_desk.dialer.ids import CallId, CampaignId

KEYS = "12345"
QUESTION, THANKS = KINDS = ("survey_question", "survey_thanks")


@dataclass(frozen=True)
class Survey:
    """`question` and `thanks` are SHA-256 sums of approved recordings, "" without one; `share`:
    of how many calls in a hundred; `wait_s`: for a key, from the end of the question."""

    question: str = ""
    thanks: str = ""
    share: int = 0
    wait_s: int = 6

    @property
    def on(self) -> bool:
        """Whether anybody is asked."""
        return bool(self.share and self.question and self.thanks)

    def saying(self, kind: str, recording: str) -> Survey:
        """The same with another recording of this kind."""
        if kind == QUESTION:
            return replace(self, question=recording)
        return replace(self, thanks=recording)

    def draws(self, campaign_id: CampaignId, call_id: CallId) -> bool:
        """Whether the customer of this call is to be asked."""
        seed = sha256(f"{campaign_id}:{call_id}".encode()).digest()
        return self.on and int.from_bytes(seed[:8], "big") % 100 < self.share
