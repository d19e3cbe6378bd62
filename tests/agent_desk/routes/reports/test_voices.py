"""What customers said: in scope alone, and each reading in the trail."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from agent_desk.models.audit import AuditRow
from agent_desk.models.campaigns import CampaignTeam
from agent_desk.store.people import accounts
from agent_desk.store.satisfaction import voices
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import SEALER

SAID = "説明が分かりやすかった"


@pytest.fixture
def call_id(shift: Shift) -> str:
    """A call on which the customer said something, to operator1."""
    call_id = shift.talk()
    shift.page.do("save_voice", call_id=call_id, text=SAID)
    shift.end(call_id)
    return call_id


def trail(shift: Shift, action: str) -> list[tuple[str, str]]:
    with shift.desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.subject).where(AuditRow.action == action)
        return [(row[0], row[1]) for row in session.execute(query)]


def period(shift: Shift) -> str:
    today = shift.desk.desk.reports.today().isoformat()
    return f"/reports/satisfaction/voices?from={today}&to={today}"


def test_a49_a_lead_reads_what_customers_said_and_is_on_record(shift: Shift, call_id: str) -> None:
    lead = signed_in(shift.desk, "lead1")
    page = lead.get(period(shift)).get_data(as_text=True)
    assert SAID in page and f'data-call="{call_id}"' in page
    assert trail(shift, "voices.read") == [("lead1", f"call:{call_id}")]


def test_nothing_read_is_nothing_noted(shift: Shift) -> None:
    page = signed_in(shift.desk, "lead1").get(period(shift)).get_data(as_text=True)
    assert 'data-testid="voices-none"' in page
    assert trail(shift, "voices.read") == []


def test_another_teams_customers_are_not_read(shift: Shift, call_id: str) -> None:
    with shift.desk.desk.database.write() as session:
        other = accounts.add_team(session, "elsewhere")
        session.execute(update(CampaignTeam).values(team_id=other))
    lead = signed_in(shift.desk, "lead1")
    assert SAID not in lead.get(period(shift)).get_data(as_text=True)
    answer = lead.get(f"/reports/satisfaction/voices?call={call_id}")
    assert answer.status_code == 404
    assert trail(shift, "voices.read") == []


def test_an_operator_reads_none(shift: Shift, call_id: str) -> None:
    operator = signed_in(shift.desk, "operator1")
    assert operator.get(period(shift)).status_code == 403


def test_a_lead_who_listens_writes_down_more(shift: Shift, call_id: str) -> None:
    lead = signed_in(shift.desk, "lead1")
    address = f"/reports/satisfaction/voices?call={call_id}"
    token = lead.token(address)
    heard = {"csrf_token": token, "text": " 待たされたとも言っていた "}
    answer = lead.client.post(f"/reports/satisfaction/voices/{call_id}", data=heard)
    assert answer.status_code == 303
    page = lead.get(address).get_data(as_text=True)
    assert SAID in page and page.count("待たされたとも言っていた") == 2, "listed, and in the field"
    with shift.desk.desk.database.read() as session:
        found = voices.of_call(session, SEALER, call_id)
    assert [(each.username, each.heard) for each in found] == [
        ("operator1", "talk"),
        ("lead1", "recording"),
    ]
    assert trail(shift, "voice.written") == [("lead1", f"call:{call_id}")]


def test_a_text_without_end_is_refused(shift: Shift, call_id: str) -> None:
    lead = signed_in(shift.desk, "lead1")
    token = lead.token(f"/reports/satisfaction/voices?call={call_id}")
    sent = {"csrf_token": token, "text": "あ" * 1001}
    assert lead.client.post(f"/reports/satisfaction/voices/{call_id}", data=sent).status_code == 400
