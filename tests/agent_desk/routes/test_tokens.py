"""Other systems: by token, for what it is for, for as long as it lasts, and never by cookie."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from agent_desk.models.audit import AuditRow
from agent_desk.models.tokens import ApiToken
from agent_desk.services.api.rates import BURST
from agent_desk.services.api.tokens import SCOPES, SHOWN, Wanted
from agent_desk.services.errors import ServiceError
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.tokens import OtherSystem, problem
from tests.agent_desk.small_desk import SmallDesk

DAY_S = 86_400


def kept(desk: SmallDesk) -> ApiToken:
    with desk.desk.database.read() as session:
        return session.scalars(select(ApiToken)).one()


def test_only_a_hash_of_the_token_is_kept_and_the_audit_has_not_even_that(
    small_desk: SmallDesk,
) -> None:
    system = OtherSystem(small_desk, "lists:read")
    row = kept(small_desk)
    assert row.shown == system.secret[:SHOWN]
    assert system.secret not in str(vars(row))
    with small_desk.desk.database.read() as session:
        [noted] = session.scalars(select(AuditRow).where(AuditRow.action == "token.made"))
    assert noted.details == {"scopes": ["lists:read"], "teams": None, "days": 30}
    assert row.token_hash not in str(noted.details)


def test_a_token_opens_what_its_scopes_say_and_no_more(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk, "lists:read")
    assert system.get("lists").status_code == 200
    assert problem(system.get("campaigns")) == (403, "scope-missing")
    assert problem(system.get("holds")) == (403, "not-for-tokens")
    assert problem(system.get("me")) == (403, "not-for-tokens")
    assert system.client.get("/admin/users", headers=system.headers()).status_code in (302, 401)


def test_a_token_sees_its_teams_lists_only(small_desk: SmallDesk) -> None:
    team = small_desk.people.centre.team_id
    own, other = OtherSystem(small_desk, teams=[team]), OtherSystem(small_desk, teams=[team + 1])
    assert len(own.get("lists").get_json()["lists"]) == 1
    assert other.get("lists").get_json()["lists"] == []


def test_it_ends_by_itself_and_at_once_when_it_is_revoked(small_desk: SmallDesk) -> None:
    short, long = OtherSystem(small_desk, days=1), OtherSystem(small_desk, days=365)
    small_desk.clock.advance(DAY_S)
    assert problem(short.get("lists")) == (401, "token-refused")
    assert long.get("lists").status_code == 200
    small_desk.desk.tokens.revoke(long.token_id, actor="admin1")
    refused = long.get("lists")
    assert problem(refused) == (401, "token-refused")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    with pytest.raises(ServiceError, match="token-unknown"):
        small_desk.desk.tokens.revoke(long.token_id, actor="admin1")


def test_its_last_use_is_noted_once_a_minute(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    assert kept(small_desk).used_at is None
    system.get("lists")
    first = kept(small_desk).used_at
    small_desk.clock.advance(59)
    system.get("lists")
    assert kept(small_desk).used_at == first
    small_desk.clock.advance(2)
    system.get("lists")
    assert kept(small_desk).used_at == first + timedelta(seconds=61)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Wanted(" ", SCOPES, None, 30), "name"),
        (Wanted("crm", (), None, 30), "scopes"),
        (Wanted("crm", ("everything",), None, 30), "scopes"),
        (Wanted("crm", SCOPES, [999], 30), "teams"),
        (Wanted("crm", SCOPES, None, 0), "days"),
        (Wanted("crm", SCOPES, None, 366), "days"),
    ],
)
def test_a_token_without_an_end_or_a_purpose_is_not_made(
    small_desk: SmallDesk, wanted: Wanted, reason: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        small_desk.desk.tokens.make(wanted, actor="admin1")
    assert (refused.value.error_id, refused.value.details) == (
        "token-unusable",
        {"reason": reason},
    )


def test_whoever_shows_a_token_is_that_token_whatever_cookie_came_along(
    small_desk: SmallDesk,
) -> None:
    system, admin = OtherSystem(small_desk, "lists:read"), signed_in(small_desk, "admin1")
    path = "/api/v1/holds"
    assert admin.client.get(path).status_code == 200
    assert problem(admin.client.get(path, headers=system.headers())) == (403, "not-for-tokens")
    wrong = {"Authorization": "Bearer ad_made-up"}
    assert problem(admin.client.get(path, headers=wrong)) == (401, "token-refused")


def test_a_token_needs_no_csrf_token_and_sets_no_cookie(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    told = {"number": "090-0000-0042", "reason": "本人の申し出"}
    answer = system.post("do-not-call", told)
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers
    admin = signed_in(small_desk, "admin1")
    assert problem(admin.client.post("/api/v1/do-not-call", json=told)) == (400, "csrf")


def test_one_that_asks_too_often_waits_and_the_others_do_not(small_desk: SmallDesk) -> None:
    busy, other = OtherSystem(small_desk), OtherSystem(small_desk)
    answers = [busy.get("lists").status_code for _ in range(int(BURST))]
    assert set(answers) == {200}
    refused = busy.get("lists")
    assert problem(refused) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == "1"
    assert other.get("lists").status_code == 200
    small_desk.clock.advance(1)
    assert busy.get("lists").status_code == 200


def test_refusals_are_told_in_the_language_that_is_asked_for(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk, "lists:read")
    told = {**system.headers(), "Accept-Language": "en"}
    answer = system.client.get("/api/v1/campaigns", headers=told).get_json()
    assert "scope" in answer["detail"]
    assert answer["title"] == "Not allowed"
    kind = system.client.get(answer["type"], headers={"Accept-Language": "en"}).get_json()
    assert kind["error_id"] == answer["error_id"] == "scope-missing"
