"""Which person is meant: by 顧客番号, as on the lists, or by the desk's own id written `#12`."""

from __future__ import annotations

from agent_desk.services.errors import ServiceError
from agent_desk.store.lists import scope
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Session


def customer_of(session: Session, reference: str, *, teams: frozenset[int] | None = None) -> int:
    """The person's id; ServiceError customer-unknown, also when several have the 顧客番号.

    So it is for whoever asks from teams that have nothing to do with the person.
    """
    text = reference.strip()
    if text.startswith("#") and text[1:].isdecimal() and len(text) < 20:
        found = do_not_call.customers_by_id(session, int(text[1:]))
    else:
        found = do_not_call.customers_with(session, text) if text else []
    if teams is not None:
        found = [each for each in found if scope.is_theirs(session, each, teams)]
    if len(found) != 1:
        raise ServiceError("customer-unknown")
    return found[0]
