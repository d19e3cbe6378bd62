"""The calling rules applied to a candidate: rows in, the core's verdict out.

The same judge serves the lease, the preview of a list and a number dialed by hand; only the
channel differs. A refusal puts the entry off to `next_allowed_at`, so it leaves the ready set; one
without an instant is looked at again the next day, unless the rules say that it is for good.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent_desk.dialer.business_time import at, business_date
from agent_desk.dialer.calling_rules import (
    FOR_GOOD,
    RULE_SET_VERSION,
    CampaignRules,
    CustomerFacts,
    Ledger,
    PhoneFacts,
    evaluate,
    last_invite_at,
)
from agent_desk.dialer.charges import LABELS, line_of_number
from agent_desk.dialer.rules.facts import HARD_DAILY_CAP, Channel, ContactWish, Lift, Pacing, Try
from agent_desk.dialer.selection import NumberRecord, best_number_first
from agent_desk.dialer.strategy import class_on
from agent_desk.dialer.why_codes import WhyCode
from agent_desk.services.rules.calendar import CALENDAR_VERSION, closed_days
from agent_desk.store.leasing import facts as lease_facts
from agent_desk.store.leasing import verdicts
from agent_desk.store.leasing.lease import Judgement
from agent_desk.store.leasing.past_attempts import Ledger as PastLedger
from agent_desk.store.leasing.past_attempts import PastAttempt
from agent_desk.store.leasing.verdicts import VerdictRow
from agent_desk.store.rules.settings import OverrideRow, RuleSettings
from agent_desk.store.sealing import CannotOpen, Sealer
from agent_desk.store.unit_of_work import Session

log = logging.getLogger(__name__)

HOURS = frozenset({"R01", "R03", "R04", "R05"})
# Why an entry is closed when no time will make it right.
CLOSING = {
    "R57": "number-not-allowed",
    "DNC": "do-not-call",
    "R34": "workplace",
    "R36": "represented",
    "R38": "refused",
    "R54": "paid",
}
BUSY = "R55-BUSY"
MACHINES = frozenset({"machine", "announcement"})
ANSWERED = frozenset({"human", "abandoned", "hung_up_at_once", "seat_lost"})


def rules_of(
    row: RuleSettings, *, practice: bool, now: datetime, channel: Channel = "auto"
) -> CampaignRules:
    """A campaign's own settings in the core's words; the core holds the hard limits."""
    chosen = {
        "weekly_cap": row.weekly_cap,
        "total_cap": row.total_cap,
        "total_days": row.total_days,
        "spacing": None if row.spacing_minutes is None else timedelta(minutes=row.spacing_minutes),
    }
    return CampaignRules(
        kind=row.kind,  # type: ignore[arg-type]
        open_minute=row.window_start_minute,
        close_minute=row.window_end_minute,
        ring_limit_s=float(row.ring_limit_s),
        daily_cap=row.daily_cap,
        min_gap=timedelta(minutes=row.min_gap_minutes),
        practice=practice,
        weekly_caps=row.weekly_calls,
        reg_f=row.reg_f,
        holidays=row.closed_on_holidays,
        closed_days=closed_days(business_date(now).year),
        channel=channel,
        pacing=_pacing(row, channel),
        lifts=_lifts(row.overrides),
        **{name: value for name, value in chosen.items() if value is not None},  # type: ignore[arg-type]
    )


def _pacing(row: RuleSettings, channel: Channel) -> Pacing:
    if channel in ("preview", "manual") or row.mode == "preview":
        return "preview"
    many = row.mode == "predictive" or (row.mode == "ratio" and row.ratio > 1)
    return "overdial" if many else "progressive"


class Judge:
    """Judges the candidates of one campaign at one instant, and remembers what must be kept."""

    def __init__(
        self,
        settings: RuleSettings,
        sealer: Sealer,
        now: datetime,
        *,
        practice: bool,
        channel: Channel = "auto",
    ) -> None:
        self.settings = settings
        self.rules = rules_of(settings, practice=practice, now=now, channel=channel)
        self.now = now
        self.kept: list[VerdictRow] = []
        self._sealer = sealer

    def __call__(self, candidate: lease_facts.Candidate, ledger: PastLedger) -> Judgement:
        """The number to call, or when to look again; no number left for good closes the entry.

        The number that was answered best goes first. One that cannot be opened is passed over: a
        single damaged row must not hold up every lease after it.
        """
        usable = [phone for phone in candidate.phones if phone.unusable_reason is None]
        if not usable:
            return _closed("no-usable-number")
        usable.sort(key=lambda phone: best_number_first(_record(phone, ledger)))
        refused: list[VerdictRow] = []
        for phone in usable:
            try:
                judged = self.judge(candidate, phone, ledger)
            except CannotOpen:
                log.exception("the number of phone %d cannot be opened", phone.phone_id)
                continue
            if judged.allowed:
                if judged.lifted:
                    self.kept.append(judged)
                return self._allowed(candidate, phone, judged.lifted)
            refused.append(judged)
        if not refused:
            return _closed("unreadable")
        soonest = min(refused, key=lambda judged: judged.until or _NEVER)
        self.kept.append(soonest)
        return self._refused(soonest)

    def by_hand(
        self, candidate: lease_facts.Candidate, phone: lease_facts.PhoneRow, ledger: PastLedger
    ) -> Judgement:
        """The number somebody chose; raises CannotOpen for a damaged one."""
        judged = self.judge(candidate, phone, ledger)
        if judged.allowed:
            if judged.lifted:
                self.kept.append(judged)
            return self._allowed(candidate, phone, judged.lifted)
        self.kept.append(judged)
        return self._refused(judged)

    def judge(
        self, candidate: lease_facts.Candidate, phone: lease_facts.PhoneRow, ledger: PastLedger
    ) -> VerdictRow:
        """The verdict on one number; raises CannotOpen for a damaged one."""
        number = self._sealer.open(phone.number_sealed)
        overrides = (*candidate.overrides, *phone.overrides)
        of_number = ledger.of_number.get(phone.number_key, ())
        verdict = evaluate(
            self._customer(candidate, phone, number, overrides),
            PhoneFacts(
                number,
                do_not_call=phone.blocked,
                unusable=phone.unusable_reason is not None,
                workplace=phone.kind == "work",
            ),
            self.rules,
            self.now,
            Ledger(
                person=self._tries(ledger.of_customer, candidate),
                number=self._tries(of_number, candidate),
            ),
        )
        both = {past.call_id: None for past in (*ledger.of_customer, *of_number)}
        return VerdictRow(
            candidate.entry.list_entry_id,
            candidate.entry.customer_id,
            phone.phone_id,
            verdict.allowed,
            verdict.rule_ids,
            verdict.lifted,
            verdict.next_allowed_at,
            tuple(
                each.override_id
                for each in (*self.settings.overrides, *overrides)
                if each.rule_id in verdict.lifted
            ),
            # Hours and days off rest on no attempt.
            () if set(verdict.rule_ids) <= HOURS else tuple(both),
        )

    def keep(self, session: Session, *, actor: str) -> None:
        """Note in the audit what blocked or was overridden; again, where a batch is tried again."""
        basis = {
            "rule_set": RULE_SET_VERSION,
            "calendar": CALENDAR_VERSION,
            "channel": self.rules.channel,
        }
        verdicts.keep(
            session,
            self.kept,
            at=self.now,
            actor=actor,
            campaign_id=self.settings.campaign_id,
            basis=basis,
        )

    def _allowed(
        self, candidate: lease_facts.Candidate, phone: lease_facts.PhoneRow, lifted: Sequence[str]
    ) -> Judgement:
        overrides = (*candidate.overrides, *phone.overrides)
        person = CustomerFacts(wish=_wish(candidate), lifts=_lifts(overrides))
        return Judgement(
            allowed=True,
            phone_id=phone.phone_id,
            not_after=last_invite_at(self.rules, self.now, person, lifted),
            cap_today=HARD_DAILY_CAP if "R10" in lifted else self.rules.daily_cap,
            line=self._line(phone),
        )

    def _line(self, phone: lease_facts.PhoneRow) -> str | None:
        """A number at work, or of no kind, may be a mobile one: only the number itself tells."""
        if phone.kind not in LABELS:
            return None
        return line_of_number(self._sealer.open(phone.number_sealed))

    def _refused(self, verdict: VerdictRow) -> Judgement:
        until = verdict.until
        for_good = [rule_id for rule_id in verdict.rule_ids if rule_id in FOR_GOOD]
        if until is None and not for_good:
            until = at(business_date(self.now) + timedelta(days=1), 0)
        if until is not None and BUSY in verdict.rule_ids:
            # The call may be over any minute.
            until = min(until, self.now + self.rules.min_gap)
        hours = bool(HOURS & set(verdict.rule_ids))
        return Judgement(
            allowed=False,
            reason=(WhyCode.OUTSIDE_HOURS if hours else WhyCode.NO_DIALABLE).value,
            next_allowed_at=until,
            closing=CLOSING[for_good[0]] if until is None else "",
        )

    def _customer(
        self,
        candidate: lease_facts.Candidate,
        phone: lease_facts.PhoneRow,
        number: str,
        overrides: tuple[OverrideRow, ...],
    ) -> CustomerFacts:
        today = business_date(self.now)
        areas = [
            hold.until
            for hold in candidate.areas
            if hold.kind != lease_facts.NUMBER_PREFIX or number.startswith(hold.value)
        ]
        return CustomerFacts(
            do_not_call=candidate.blocked,
            refused=candidate.refused or phone.refused,
            holds=candidate.holds,
            area_hold_until=max(areas, default=None),
            wish=_wish(candidate),
            # The nightly review has not seen who was imported today.
            delinquency=candidate.delinquency or class_on(candidate.overdue_since, today),  # type: ignore[arg-type]
            weekly_adjust=candidate.weekly_adjust,
            owes=candidate.owes,
            promise_due=candidate.promise_due,
            callback_at=candidate.callback_at,
            vip=candidate.vip,
            lifts=_lifts(overrides),
        )

    def _tries(
        self, past: tuple[PastAttempt, ...], candidate: lease_facts.Candidate
    ) -> tuple[Try, ...]:
        """Our own attempts: a customer who calls us uses up nothing of what we may do."""
        return tuple(
            Try(
                at=_left_at(each),
                open=each.open,
                counts=each.counts,
                talked=each.talked,
                third_party=each.third_party,
                abandoned=each.abandoned,
                machine=each.outcome in MACHINES,
                same_list=each.list_id == candidate.entry.list_id,
                same_debt=each.product_id == self.settings.product_id,
                ended_at=each.ended_at,
                hung_up=each.hung_up,
            )
            for each in past
            if not each.inbound
        )


def _left_at(past: PastAttempt) -> datetime:
    """When the INVITE left: long after the lease where somebody looked at a preview first.

    Where nobody heard of it (the gateway was lost) it left no later than the attempt ended.
    """
    heard_last = past.ended_at if past.counts else None
    return past.placed_at or heard_last or past.leased_at


def _record(phone: lease_facts.PhoneRow, ledger: PastLedger) -> NumberRecord:
    """How our calls to a number went, whoever was meant."""
    tried = [past for past in ledger.of_number.get(phone.number_key, ()) if not past.inbound]
    answers = sum(past.outcome in ANSWERED for past in tried)
    return NumberRecord(phone.position, len(tried), answers)


def _wish(candidate: lease_facts.Candidate) -> ContactWish | None:
    """What the customer asked for, if anything."""
    first, last = candidate.contact_from_minute, candidate.contact_until_minute
    days = candidate.contact_weekdays
    if first is None and last is None and days is None:
        return None
    return ContactWish(
        from_minute=first or 0,
        until_minute=24 * 60 if last is None else last,
        weekdays=None if days is None else frozenset(d for d in range(7) if days >> d & 1),
        ends_on=candidate.contact_wish_ends_on,
    )


def _lifts(overrides: tuple[OverrideRow, ...]) -> tuple[Lift, ...]:
    return tuple(Lift(each.rule_id, each.until, each.manual_only) for each in overrides)


def _closed(closing: str) -> Judgement:
    return Judgement(allowed=False, reason=WhyCode.NO_DIALABLE.value, closing=closing)


_NEVER = datetime.max.replace(tzinfo=UTC)
