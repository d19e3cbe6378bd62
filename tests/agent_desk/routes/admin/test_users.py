"""`/admin/users`: people are let in and kept out."""

from __future__ import annotations

from sqlalchemy import select

from agent_desk.catalogue import translate
from agent_desk.models.audit import AuditRow
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk


def test_a_disabled_person_is_out_at_once_and_can_be_let_in_again(each_desk: SmallDesk) -> None:
    admin, operator = signed_in(each_desk, "admin1"), signed_in(each_desk, "operator1")
    page = each_desk.page("operator1")

    answer = admin.post("/admin/users/operator1/disable")

    assert (answer.status_code, answer.location) == (303, "/admin/users")
    assert not page.open
    assert operator.get("/desk").status_code == 302
    assert Browser(each_desk).sign_in("operator1").status_code == 401
    admin.post("/admin/users/operator1/enable")
    assert Browser(each_desk).sign_in("operator1").status_code == 303
    assert operator.get("/desk").status_code == 302, "the old session stays ended"
    with each_desk.desk.database.read() as session:
        query = select(AuditRow.actor, AuditRow.action).where(AuditRow.action.like("user.%abled"))
        assert session.execute(query.order_by(AuditRow.id)).all() == [
            ("admin1", "user.disabled"),
            ("admin1", "user.enabled"),
        ]


def test_nobody_disables_themselves_or_somebody_who_is_not_there(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    answer = admin.post("/admin/users/admin1/disable")
    assert answer.status_code == 400
    assert translate("error.not-yourself", locale="ja") in answer.get_data(as_text=True)
    assert admin.get("/admin/users").status_code == 200
    assert admin.post("/admin/users/nobody/disable").status_code == 404
    assert admin.post("/admin/users/operator1/promote").status_code == 404


def test_a_lead_disables_nobody(small_desk: SmallDesk) -> None:
    lead = signed_in(small_desk, "lead1")
    assert lead.post("/admin/users/operator1/disable").status_code == 403
    assert Browser(small_desk).sign_in("operator1").status_code == 303


def test_a_mail_address_is_kept_corrected_and_taken_away_and_stays_out_of_the_trail(
    small_desk: SmallDesk,
) -> None:
    admin = signed_in(small_desk, "admin1")
    path = f"/admin/users/{small_desk.people.users['manager1']}"
    form = {"name": "manager1", "role": "manager"}
    assert admin.post(path, {**form, "mail": "sato@example.jp"}).status_code == 303
    assert 'value="sato@example.jp"' in admin.get(path).text
    for wrong in ("sato", "sato@example", "a@example.jp, b@example.jp", "佐藤@example.jp"):
        answer = admin.post(path, {**form, "mail": wrong})
        assert answer.status_code == 400
        assert 'name="mail"' in answer.text and 'aria-invalid="true"' in answer.text
        assert answer.text.count('aria-invalid="true"') == 1
    assert 'value="sato@example.jp"' in admin.get(path).text
    assert "sato@example.jp" not in admin.get("/admin/users").text
    assert admin.post(path, form).status_code == 303, "a form without the field leaves it"
    assert 'value="sato@example.jp"' in admin.get(path).text
    assert admin.post(path, {**form, "mail": ""}).status_code == 303
    assert "sato@example.jp" not in admin.get(path).text
    with small_desk.desk.database.read() as session:
        found = list(session.scalars(select(AuditRow).where(AuditRow.action == "user.changed")))
    assert [each.details.get("mail") for each in found] == [True, None, False]
    assert not any("sato" in str(each.details) for each in found)
