"""Rules set aside for a person, a number, an area or a campaign: by whom, why and until when.

What can be set aside at all, by which role, on which calls, stands in `dialer/rules/lifting.py`;
`evaluate` asks it again whenever it judges, so a row that should not exist has no effect. Consents
are the evidence some overrides must rest on; withdrawing one ends what rests on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_desk.dialer.rules.lifting import BY_HAND, LIFTABLE, Liftable
from agent_desk.services.actor import Actor
from agent_desk.services.dialing.judging import CLOSING
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.customers import customer_of
from agent_desk.services.ports import Clock
from agent_desk.services.rules import areas
from agent_desk.services.rules.trail import note
from agent_desk.store.campaigns import campaigns
from agent_desk.store.leasing import under_way
from agent_desk.store.rules import overrides, withdrawals
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

CAUSE = "override-lifted"
LONGEST = timedelta(days=366)
LONGEST_REASON = 200
SHOWN = 200
CONSENTS = ("after_hours", "workplace")
# A reason that says consent was given needs the consent itself.
ON_CONSENT = {("R34", "consent"): "workplace"}


@dataclass(frozen=True)
class Wanted:
    """An override somebody asks for. `subject` is customer, number, campaign or area.

    `whom`: a 顧客番号 (or #id), a number, a campaign's name, or kind:value of an area.
    """

    rule_id: str
    subject: str
    whom: str
    reason: str
    until: datetime
    manual_only: bool = False


class OverrideService:
    """Grants and takes back. Each of its ServiceErrors leaves everything as it was."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        calls: Withdrawals,
        practice: bool,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._calls = calls
        self._practice = practice

    def grant(self, wanted: Wanted, *, actor: Actor) -> int:
        """Set a rule aside; the override's id.

        ServiceError: rule-not-liftable, role-too-low, reason-needed, until-needed, consent-needed,
        customer-unknown, number-unusable, area-unusable, not-in-scope, not-stored.
        """
        now = self._clock.now()
        row = _liftable(wanted, actor, now)
        with self._database.read() as session:
            subject = self._subject(session, wanted, actor)
            consent_id = _consent(session, wanted, row, subject)
        columns: dict[str, Any] = {
            **subject,
            "rule_id": wanted.rule_id,
            "consent_id": consent_id,
            "role": actor.role,
            "actor": actor.username,
            "reason": wanted.reason.strip(),
            "manual_only": wanted.manual_only or row.channels == BY_HAND,
            "made_at": now,
            "until": wanted.until,
        }
        made: list[int] = []

        def rows(session: Session) -> None:
            override_id = overrides.add(session, **columns)
            made.append(override_id)
            if subject.get("customer_id") is not None:
                closing = CLOSING.get(wanted.rule_id)
                closed_for = () if closing is None or columns["manual_only"] else (closing,)
                withdrawals.wake(session, [subject["customer_id"]], closed_for=closed_for, at=now)
            details = {
                **subject,
                "rule": wanted.rule_id,
                "role": actor.role,
                "until": wanted.until.isoformat(),
                "manual_only": columns["manual_only"],
                "consent": consent_id,
            }
            note(
                session,
                "override.granted",
                subject=f"override:{override_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        return made[-1]

    def lift(self, override_id: int, *, actor: Actor) -> None:
        """Take an override back, and the calls that rest on it.

        ServiceError: override-unknown, role-too-low, not-stored.
        """
        now = self._clock.now()
        with self._database.read() as session:
            found = overrides.standing(session, override_id, now)
        if found is None:
            raise ServiceError("override-unknown")
        actor.needs("lead")

        def rows(session: Session) -> None:
            overrides.lift(session, override_id, at=now)
            details = {"rule": found.rule_id}
            note(
                session,
                "override.lifted",
                subject=f"override:{override_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        self._calls.reconsider(
            lambda session: under_way.concerned(
                session,
                customer_id=found.customer_id,
                number_key=found.number_key,
                campaign_id=found.campaign_id,
            ),
            reason=CAUSE,
        )

    def consent(self, customer: str, *, kind: str, evidence: str, actor: Actor) -> int:
        """Note what a person agreed to and where that can be heard or read; the consent's id.

        ServiceError: bad-payload, reason-needed, customer-unknown, not-stored.
        """
        evidence, now = evidence.strip(), self._clock.now()
        if kind not in CONSENTS:
            raise ServiceError("bad-payload", reason="kind")
        if not 1 <= len(evidence) <= LONGEST_REASON:
            raise ServiceError("reason-needed")
        with self._database.read() as session:
            customer_id = customer_of(session, customer, teams=actor.teams)
        made: list[int] = []

        def rows(session: Session) -> None:
            consent_id = overrides.add_consent(
                session,
                customer_id=customer_id,
                kind=kind,
                evidence=evidence,
                actor=actor.username,
                given_at=now,
            )
            made.append(consent_id)
            details = {"customer": customer_id, "kind": kind}
            note(
                session,
                "consent.given",
                subject=f"consent:{consent_id}",
                at=now,
                actor=actor,
                details=details,
            )

        self._calls.write(rows)
        return made[-1]

    def withdraw_consent(self, customer: str, *, kind: str, actor: Actor) -> None:
        """The person agrees no more; overrides that rest on it, and calls, end too.

        ServiceError: customer-unknown, consent-unknown, not-stored.
        """
        now = self._clock.now()
        with self._database.read() as session:
            customer_id = customer_of(session, customer, teams=actor.teams)
            if overrides.consent(session, customer_id, kind) is None:
                raise ServiceError("consent-unknown")

        def rows(session: Session) -> None:
            overrides.withdraw_consents(session, customer_id, kind, at=now)
            subject = f"customer:{customer_id}"
            note(
                session,
                "consent.withdrawn",
                subject=subject,
                at=now,
                actor=actor,
                details={"kind": kind},
            )

        self._calls.write(rows)
        self._calls.reconsider(
            lambda session: under_way.of_people(session, [customer_id]), reason=CAUSE
        )

    def current(self, *, teams: Collection[int] | None) -> list[overrides.OverrideLine]:
        """The newest in force that concern these teams (None: all)."""
        with self._database.read() as session:
            return overrides.current(session, self._clock.now(), limit=SHOWN, teams=teams)

    def _subject(self, session: Session, wanted: Wanted, actor: Actor) -> dict[str, Any]:
        if wanted.subject == "customer":
            return {"customer_id": customer_of(session, wanted.whom, teams=actor.teams)}
        if wanted.subject == "campaign":
            found = campaigns.by_name(session, wanted.whom)
            if found is None:
                raise ServiceError("not-in-scope", campaign=wanted.whom)
            return {"campaign_id": found[0]}
        if wanted.subject == "number":
            try:
                number = normalise.number(wanted.whom, practice=self._practice)
            except normalise.BadValue as bad:
                raise ServiceError("number-unusable", reason=bad.reason) from None
            return {"number_key": self._sealer.number_key(number.e164)}
        kind, _, value = wanted.whom.partition(":")
        if wanted.subject != "area" or kind == areas.NUMBER_PREFIX:
            raise ServiceError("area-unusable", reason="kind")
        return {"area_key": areas.read(self._sealer, kind, value).key}


def _liftable(wanted: Wanted, actor: Actor, now: datetime) -> Liftable:
    """What the table says of the rule, where this may be asked for at all."""
    row = LIFTABLE.get(wanted.rule_id)
    if row is None:
        raise ServiceError("rule-not-liftable", rule=wanted.rule_id)
    actor.needs(row.role)
    reason = wanted.reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise ServiceError("reason-needed")
    if row.reasons and reason not in row.reasons:
        raise ServiceError("reason-needed", reasons=", ".join(row.reasons))
    if not now < wanted.until <= now + LONGEST:
        raise ServiceError("until-needed")
    if wanted.subject == "campaign" and "campaign" not in row.subjects:
        raise ServiceError("rule-not-liftable", rule=wanted.rule_id)
    return row


def _consent(
    session: Session, wanted: Wanted, row: Liftable, subject: dict[str, Any]
) -> int | None:
    """The consent this override rests on; None where it needs none."""
    kind = row.consent or ON_CONSENT.get((wanted.rule_id, wanted.reason.strip()))
    if kind is None:
        return None
    customer_id = subject.get("customer_id")
    found = None if customer_id is None else overrides.consent(session, customer_id, kind)
    if found is None:
        raise ServiceError("consent-needed", kind=kind)
    return found
