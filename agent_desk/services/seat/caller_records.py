"""The caller record: what `/desk` shows of the customer on the line, as far as 本人確認 allows.

In collections nothing about the debt leaves the server before the person on this call is known
(貸金業法21条1項5号; rule R32): not the amounts, dates and promises, not the notes, not the fields
of the file. They are not hidden in the page; they are not read. Each showing is audited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_desk.dialer.floor import Call
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook, CampaignFacts
from agent_desk.services.running.day_figures import business_date
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.identity import to_ask
from agent_desk.store import audit as audit_rows
from agent_desk.store.records import caller_records as rows
from agent_desk.store.records import identity as identity_rows
from agent_desk.store.rows import inbound as inbound_rows
from agent_desk.store.rules import holds
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database

HISTORY = 10
AFFAIRS = ("debts", "promises", "notes", "history", "messages")
# Recordings that can be played; operators hear their own.
PLAYABLE = ("sealed", "verified")


class CallerRecords:
    """Loads records; keeps nothing."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._commits = commits
        self._book = book
        self._clock = clock

    def load(self, call: Call) -> dict[str, Any]:
        """The record of the call's customer in JSON types; None lists are withheld ones."""
        campaign = self._commits.floor.campaigns[call.campaign_id]
        facts = self._book.get(call.campaign_id)
        if call.customer_id is None or call.phone_id is None:
            return self._stranger(call, facts)
        withheld = campaign.identity_needed and call.identity != "verified"
        self._audit(call, full=not withheld)
        with self._database.read() as session:
            person = rows.person(session, self._sealer, call.customer_id, phone_id=call.phone_id)
            shared = call.inbound and inbound_rows.is_shared(session, call.phone_id)
            failures = identity_rows.failures(session, call.call_id)
            asked = to_ask(facts, identity_rows.matched(session, call.call_id))
            held = holds.of_customer(session, call.customer_id, self._clock.now())
            affairs = (
                None
                if withheld
                else rows.affairs(
                    session,
                    self._sealer,
                    call.customer_id,
                    campaign_id=int(call.campaign_id),
                    limit=HISTORY,
                )
            )
        seat = self._commits.floor.seats.get(call.seat_id) if call.seat_id else None
        user_id = None if seat is None else int(seat.user_id)
        return {
            "known": True,
            "shared": shared,
            "customer": _customer(person, withheld=withheld, factors=facts.identity_factors),
            "script": (person.vip and facts.vip_script) or facts.script,
            "holds": sorted(held),
            "identity": _identity(facts, asked, needed=campaign.identity_needed, failures=failures),
            **_affairs(affairs, today=business_date(self._clock.now()), user_id=user_id),
        }

    def _stranger(self, call: Call, facts: CampaignFacts) -> dict[str, Any]:
        """Somebody whose number nobody we know has: there is nothing to withhold, or to verify."""
        with self._database.read() as session:
            number = inbound_rows.number_of(session, self._sealer, call.call_id)
        customer = {"name": "", "kana": "", "phone_masked": mask_number(number)}
        return {
            "known": False,
            "shared": False,
            "customer": {**customer, "phone": None, "external_id": None, "vip": False},
            "script": "",  # it speaks to somebody by name
            "holds": [],
            "identity": _identity(facts, facts.identity_factors, needed=False, failures=0),
            "fields": [],
            **{name: [] for name in AFFAIRS},
        }

    def _audit(self, call: Call, *, full: bool) -> None:
        """Note the showing before anything is read.

        Queued, not waited for: a record is loaded by the commit loop itself when a call reaches
        a seat, and the loop would wait for its own next turn. So a desk that is killed between
        the two may have shown one record that is not noted.
        """
        now = self._clock.now()
        seat = call.seat_id or "desk"

        def note(session: Session) -> None:
            audit_rows.append(
                session,
                at=now,
                actor=seat,
                action="customer.record.shown",
                subject=f"customer:{call.customer_id}",
                details={"call": call.call_id, "full": full},
            )

        self._commits.put(None, rows=note)


def mask_number(number: str, *, end_shown: bool = True) -> str:
    """090-••••-1234: enough to tell two numbers apart, too little to call.

    Without its end (090-••••-••••) where the last four digits are what the customer is asked for.
    """
    national = "0" + number[3:] if number.startswith("+81") else number
    end = national[-4:] if end_shown else "•" * len(national[-4:])
    if len(national) == 11:
        return f"{national[:3]}-••••-{end}"
    return f"{'•' * max(0, len(national) - 4)}{end}"


def show_number(number: str) -> str:
    """A Japanese number as people write it."""
    national = "0" + number[3:] if number.startswith("+81") else number
    if len(national) == 11:
        return f"{national[:3]}-{national[3:7]}-{national[7:]}"
    return national


def _customer(person: rows.PersonRow, *, withheld: bool, factors: Sequence[str]) -> dict[str, Any]:
    end_shown = not (withheld and "phone_last4" in factors)
    return {
        "name": person.name,
        "kana": person.kana or "",
        "phone_masked": mask_number(person.number, end_shown=end_shown),
        "phone": None if withheld else show_number(person.number),
        "external_id": None if withheld else person.external_id,
        "vip": person.vip,
    }


def _identity(
    facts: CampaignFacts, asked: Sequence[str], *, needed: bool, failures: int
) -> dict[str, Any]:
    return {
        "needed": needed,
        "factor": asked[0],
        "step": len(facts.identity_factors) - len(asked) + 1,
        "steps": len(facts.identity_factors),
        "tries_left": max(0, facts.identity_tries - failures),
    }


def _affairs(
    affairs: rows.AffairsRow | None, *, today: date, user_id: int | None
) -> dict[str, Any]:
    if affairs is None:
        return {"fields": [], **dict.fromkeys(AFFAIRS)}
    return {
        "fields": [
            {
                "name": row.name,
                "value": value,
                "editable": row.access == "editable",
                "required": row.required,
            }
            for row, value in affairs.fields
        ],
        "debts": [
            {
                "product": debt.product,
                "amount_yen": debt.amount_yen,
                "due_on": _day(debt.due_on),
                "days_overdue": max(0, (today - debt.due_on).days) if debt.due_on else None,
            }
            for debt in affairs.debts
        ],
        "promises": [
            {
                "due_on": _day(promise.due_on),
                "amount_yen": promise.amount_yen,
                "state": promise.state,
                "made_at": _at(promise.made_at),
                "ended_at": None if promise.ended_at is None else _at(promise.ended_at),
            }
            for promise in affairs.promises
        ],
        "notes": [{"at": _at(note.at), "by": note.by, "text": note.text} for note in affairs.notes],
        "history": [_past(past, user_id) for past in affairs.history],
        "messages": [
            {"at": _at(each.at), "prompt": each.prompt, "version": each.version}
            for each in affairs.messages
        ],
    }


def _past(past: rows.PastRow, user_id: int | None) -> dict[str, Any]:
    """An earlier call; who had it may hear it again."""
    return {
        "id": past.call_id,
        "at": _at(past.at),
        "campaign": past.campaign,
        "outcome": past.outcome,
        "inbound": past.inbound,
        "codes": list(past.codes),
        "caller_id": None if past.inbound else past.caller_id,
        "recording": past.recording,
        "playable": past.recording in PLAYABLE and past.operator_id == user_id,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _at(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
