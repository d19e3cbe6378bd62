"""Whether a call that was allowed when it was leased still is: the rules, asked once more.

Between the lease and the answer somebody may be held, refuse, pay, name a time, or lose an override
the call rests on; and an operator may look at a customer for long before he calls. What has not
left is judged as if it were leased now. What has left is judged as of that instant, by what is said
of the person: its hours, caps and rests were right then. Its own attempt is no part of the past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from agent_desk.dialer.rules.facts import Channel
from agent_desk.services.dialing.judging import Judge
from agent_desk.services.ports import Clock
from agent_desk.store.leasing.facts import Candidate, load_facts
from agent_desk.store.leasing.past_attempts import Ledger, PastAttempt
from agent_desk.store.leasing.under_way import UnderWay
from agent_desk.store.rules import settings as rule_settings
from agent_desk.store.rules.settings import RuleSettings
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Session

# Said of a person or a number, or set aside for them: it ends a call that rings, too.
WITHDRAWING = frozenset(
    {"DNC", "R01", "R02", "R03", "R04", "R05", "R06", "R34", "R36", "R38", "R38-REVIEW"}
    | {"R54", "R60", "A33"}
)


@dataclass(frozen=True)
class Objection:
    """What forbids a call that is under way; `note` writes the verdict, like the lease's own."""

    rules: frozenset[str]
    note: Callable[[Session], None]

    @property
    def ends_ringing(self) -> bool:
        """R54 lets a call that was placed finish."""
        return self.rules != {"R54"}


class SecondLook:
    """Asks the same judge as the lease."""

    def __init__(self, *, sealer: Sealer, clock: Clock, practice: bool) -> None:
        self._sealer = sealer
        self._clock = clock
        self._practice = practice
        self._by_hand: set[str] = set()

    def chosen_by_hand(self, call_ids: Iterable[str], *, alive: Container[str]) -> None:
        """Somebody chose these: they may rest on an override for calls by hand.

        That is forgotten by a restart: then they are judged like any other preview.
        """
        self._by_hand = {each for each in self._by_hand if each in alive} | set(call_ids)

    def objections(self, session: Session, calls: Iterable[UnderWay]) -> dict[str, Objection]:
        """By call id; a call nothing forbids is not there."""
        by_campaign: dict[int, list[UnderWay]] = defaultdict(list)
        for call in calls:
            by_campaign[call.campaign_id].append(call)
        now = self._clock.now()
        found: dict[str, Objection] = {}
        for campaign_id, own in by_campaign.items():
            # What ended between the first of them and now spoke for or against that one.
            since = min(call.left_at or now for call in own)
            settings = rule_settings.settings(session, campaign_id, since)
            known = load_facts(session, campaign_id, [call.entry for call in own], since)
            for call, (candidate, ledger) in zip(own, known, strict=True):
                said = self._objection(call, candidate, ledger, settings)
                if said is not None:
                    found[call.call_id] = said
        return found

    def _objection(
        self, call: UnderWay, candidate: Candidate, ledger: Ledger, settings: RuleSettings
    ) -> Objection | None:
        at = call.left_at or self._clock.now()
        judge = Judge(
            settings, self._sealer, at, practice=self._practice, channel=self._channel(call)
        )
        phone = next(each for each in candidate.phones if each.phone_id == call.phone_id)
        verdict = judge.judge(candidate, phone, _before(ledger, call.call_id))
        rules = frozenset(verdict.rule_ids)
        if call.left_at is not None:
            rules &= WITHDRAWING
        if not rules:
            return None
        judge.kept.append(verdict)
        return Objection(rules, lambda session: judge.keep(session, actor="dialer"))

    def _channel(self, call: UnderWay) -> Channel:
        if not call.attended:
            return "auto"
        return "manual" if call.call_id in self._by_hand else "preview"


def _before(ledger: Ledger, call_id: str) -> Ledger:
    def others(past: tuple[PastAttempt, ...]) -> tuple[PastAttempt, ...]:
        return tuple(each for each in past if each.call_id != call_id)

    of_number = {key: others(past) for key, past in ledger.of_number.items()}
    return Ledger(others(ledger.of_customer), of_number)
