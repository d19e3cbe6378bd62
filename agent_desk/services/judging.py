"""The calling rules applied to a candidate of the lease: rows in, the core's verdict out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_desk.dialer.calling_rules import (
    CampaignRules,
    CustomerFacts,
    Ledger,
    PhoneFacts,
    Try,
    Verdict,
    evaluate,
    last_invite_at,
)
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.store import campaigns as campaign_rows
from agent_desk.store import lease_facts
from agent_desk.store.leasing import Judgement
from agent_desk.store.sealing import CannotOpen, Sealer

log = logging.getLogger(__name__)

HOURS = frozenset({"R01", "R03", "R04"})
# What closes an entry for good: no time will make it right.
CLOSING = {"R57": "number-not-allowed", "DNC": "do-not-call"}


def rules_of(row: campaign_rows.FactsRow, *, practice: bool) -> CampaignRules:
    """A campaign's own settings in the core's words; the core holds the hard limits."""
    return CampaignRules(
        kind=row.kind,  # type: ignore[arg-type]
        open_minute=row.window_start_minute,
        close_minute=row.window_end_minute,
        ring_limit_s=float(row.ring_limit_s),
        daily_cap=row.daily_cap,
        min_gap=timedelta(minutes=row.min_gap_minutes),
        practice=practice,
    )


class Judge:
    """Judges the candidates of one lease of one campaign at one instant."""

    def __init__(self, rules: CampaignRules, sealer: Sealer, now: datetime) -> None:
        self._rules = rules
        self._sealer = sealer
        self._now = now

    def __call__(self, candidate: lease_facts.Candidate, ledger: lease_facts.Ledger) -> Judgement:
        """The number to call, or when to look again; no number left for good closes the entry.

        The number tried least often goes first, in the order of the list. One that cannot be opened
        is passed over: a single damaged row must not hold up every lease after it.
        """
        usable = [phone for phone in candidate.phones if phone.unusable_reason is None]
        if not usable:
            return _closed("no-usable-number")
        usable.sort(key=lambda p: (len(ledger.of_number.get(p.number_key, ())), p.position))
        refused: list[Verdict] = []
        for phone in usable:
            try:
                verdict = self._evaluate(candidate, phone, ledger)
            except CannotOpen:
                log.exception("the number of phone %d cannot be opened", phone.phone_id)
                continue
            if verdict.allowed:
                return Judgement(
                    allowed=True,
                    phone_id=phone.phone_id,
                    not_after=last_invite_at(self._rules, self._now),
                )
            refused.append(verdict)
        return _soonest(refused) if refused else _closed("unreadable")

    def _evaluate(
        self,
        candidate: lease_facts.Candidate,
        phone: lease_facts.PhoneRow,
        ledger: lease_facts.Ledger,
    ) -> Verdict:
        return evaluate(
            CustomerFacts(do_not_call=candidate.blocked),
            PhoneFacts(number=self._sealer.open(phone.number_sealed), do_not_call=phone.blocked),
            self._rules,
            self._now,
            Ledger(
                person=_tries(ledger.of_customer),
                number=_tries(ledger.of_number.get(phone.number_key, ())),
            ),
        )


def _tries(past: Sequence[lease_facts.PastAttempt]) -> tuple[Try, ...]:
    """Our own attempts: a customer who calls us uses up nothing of what we may do."""
    return tuple(
        Try(at=each.leased_at, open=each.open, counts=each.counts)
        for each in past
        if not each.inbound
    )


def _closed(closing: str) -> Judgement:
    return Judgement(allowed=False, reason=WhyCode.NO_DIALABLE.value, closing=closing)


def _soonest(refused: list[Verdict]) -> Judgement:
    """The refusal that lifts first; one that never lifts only when all are like that."""
    timed = sorted((v.next_allowed_at, n) for n, v in enumerate(refused) if v.next_allowed_at)
    first = refused[timed[0][1]] if timed else refused[0]
    hours = bool(HOURS & set(first.rule_ids))
    return Judgement(
        allowed=False,
        reason=(WhyCode.OUTSIDE_HOURS if hours else WhyCode.NO_DIALABLE).value,
        next_allowed_at=first.next_allowed_at,
        closing=CLOSING.get(first.rule_ids[0], first.rule_ids[0]),
    )
