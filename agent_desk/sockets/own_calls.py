"""What `/desk` is sent of the operator's other calls: before this one, owed, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent_desk.dialer.promises import Promised, PromisePart
from agent_desk.services.dialing.hand_calls import Found
from agent_desk.services.seat.callbacks import OwnCallback
from agent_desk.services.seat.caller_records import mask_number
from agent_desk.services.seat.corrections import Corrector, OpenResult, OwnCallLine, Wanted
from agent_desk.sockets.connections import Identity
from agent_desk.sockets.desk_view import instant, promise_view

# What a correction says beside its promise, by the names of `Wanted`.
WANTED = ("based_on", "codes", "note", "counterpart")


def corrector(identity: Identity) -> Corrector:
    """The person on a page's socket."""
    return Corrector(identity.user_id, identity.username, identity.role, identity.teams)


def wanted(payload: Mapping[str, Any]) -> Wanted:
    """A result as the page wants it; without a date its promise stays as it is."""
    due_on, promised = payload["due_on"], None
    if due_on is not None:
        parts = tuple(PromisePart(*part) for part in payload["parts"] or ())
        promised = Promised(due_on, payload["amount_yen"], payload["method"], parts)
    return Wanted(**{name: payload[name] for name in WANTED}, promised=promised)


def callback_view(owed: OwnCallback) -> dict[str, Any]:
    """A callback the operator owes."""
    return {
        "id": owed.id,
        "due_at": instant(owed.due_at),
        "customer": owed.customer,
        "name": owed.name,
        "campaign": owed.campaign,
    }


def found_view(found: Found) -> dict[str, Any]:
    """Whom a number or 顧客番号 means, and the rules that forbid the call now."""
    return {
        "name": found.name,
        "phone_masked": mask_number(found.number),
        "rules": list(found.rules),
        "next_allowed_at": found.next_allowed_at,
    }


def own_call_view(line: OwnCallLine) -> dict[str, Any]:
    """One of today's calls."""
    return {
        "id": line.call_id,
        "at": instant(line.at),
        "name": line.name,
        "campaign": line.campaign,
        "labels": list(line.labels),
        "corrected": line.corrected,
        "recorded": line.recorded,
    }


def result_view(found: OpenResult) -> dict[str, Any]:
    """A result as it stands; `note` None where it is withheld."""
    saved = found.saved
    return {
        "call_id": saved.call_id,
        "version": saved.version,
        "codes": sorted(saved.codes),
        "note": found.note,
        "counterpart": saved.counterpart,
        "promise": None if saved.promise is None else promise_view(saved.promise.promised),
        "instalment_counts": list(found.instalment_counts),
        "statuses": [
            {"code": each.code, "label": each.label, "possible": each.possible}
            for each in found.statuses
        ],
    }
