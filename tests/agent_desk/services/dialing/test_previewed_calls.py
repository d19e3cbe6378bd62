"""Somebody looked at a customer for long before the call: rules count from the INVITE."""

from __future__ import annotations

from datetime import timedelta

from agent_desk.models.calls import Attempt
from agent_desk.services.dialing.judging import Judge
from agent_desk.store.leasing.candidates import entry_row
from agent_desk.store.leasing.facts import load_facts
from agent_desk.store.rules import settings as rule_settings
from softphone import protocol
from tests.agent_desk.small_desk import Shift, ended
from tests.agent_desk.store.desk_rows import SEALER


def rules_against(shift: Shift, list_entry_id: int) -> set[str]:
    """What forbids a call by hand to this entry's customer now."""
    desk, now = shift.desk, shift.desk.clock.now()
    with desk.desk.database.read() as session:
        entry = entry_row(session, list_entry_id)
        assert entry is not None
        settings = rule_settings.settings(session, desk.campaign_id, now)
        [(candidate, ledger)] = load_facts(session, desk.campaign_id, [entry], now)
        judge = Judge(settings, SEALER, now, practice=True, channel="manual")
        said = [judge.judge(candidate, phone, ledger).rule_ids for phone in candidate.phones]
    return {rule_id for rule_ids in said for rule_id in rule_ids}


def test_spacing_counts_from_the_invite_not_from_the_lease(shift: Shift) -> None:
    call_id = shift.available()
    entry_id = int(shift.desk.call(call_id).list_entry_id or 0)
    shift.gateway.tell(protocol.CallPlaced(call_id, "trunk1"), protocol.CallRinging(call_id, 180))
    shift.desk.settle()
    shift.desk.clock.advance(20)
    shift.gateway.tell(
        ended(
            call_id,
            by=protocol.EndedBy.TRUNK,
            answered=False,
            verdict=protocol.Verdict.NOT_SCREENED,
            sip_code=480,
            cause="",
        )
    )
    shift.desk.settle()
    shift.desk.clock.advance(5)
    with shift.desk.desk.database.write() as session:
        attempt = session.get_one(Attempt, call_id)
        assert attempt.placed_at is not None
        attempt.leased_at -= timedelta(hours=4)  # the operator read for long
    assert {"R12", "R13-GAP"} <= rules_against(shift, entry_id)


def test_where_nobody_heard_of_the_invite_spacing_counts_from_the_end(shift: Shift) -> None:
    call_id = shift.available()
    entry_id = int(shift.desk.call(call_id).list_entry_id or 0)
    shift.gateway.disconnect()
    shift.desk.clock.advance(600)
    shift.desk.tick()
    with shift.desk.desk.database.write() as session:
        attempt = session.get_one(Attempt, call_id)
        assert (attempt.open, attempt.counts, attempt.placed_at) == (False, True, None)
        attempt.leased_at -= timedelta(hours=4)
    assert {"R12", "R13-GAP"} <= rules_against(shift, entry_id)
