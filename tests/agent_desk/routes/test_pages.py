"""The pages themselves: what is on them, what is not, and how errors look."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy.exc import OperationalError

from agent_desk.catalogue import catalogue, translate
from agent_desk.desk import worker_key
from agent_desk.store.unit_of_work import DatabaseBusy
from softphone import protocol
from tests.agent_desk.routes.browser import HTML, Browser, signed_in
from tests.agent_desk.small_desk import SmallDesk

CATALOGUE = re.compile(r'<script type="application/json" id="catalogue">(.*?)</script>', re.DOTALL)


@pytest.mark.parametrize(
    ("username", "page"),
    [
        ("operator1", "/desk"),
        ("lead1", "/floor"),
        ("manager1", "/floor"),
        ("lead1", "/reports"),
        ("lead1", "/admin"),
        ("admin1", "/admin"),
    ],
)
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_page_is_drawn_in_its_language_without_a_missing_string(
    small_desk: SmallDesk,
    username: str,
    page: str,
    locale: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = signed_in(small_desk, username)
    browser.post("/language", {"locale": locale})
    answer = browser.get(page)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{locale}">' in text
    assert "no string" not in caplog.text
    found = CATALOGUE.search(text)
    assert found is not None
    assert json.loads(found[1]) == dict(catalogue(locale))


def test_a64_scripts_carry_the_nonce_of_their_answer(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "operator1")
    for page in ("/desk", "/desk"):
        answer = browser.get(page)
        policy = answer.headers["Content-Security-Policy"]
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce is not None
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.get_data(as_text=True))
        running = [tag for tag in inline if "application/json" not in tag]
        assert all(f'nonce="{nonce[1]}"' in tag for tag in running)
    assert "unsafe" not in policy


def test_no_customers_data_is_in_the_page_of_an_operator(small_desk: SmallDesk) -> None:
    text = signed_in(small_desk, "operator1").get("/desk").get_data(as_text=True)
    assert "山田" not in text
    assert "+8190" not in text


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/internal/nowhere"])
def test_what_is_not_there_is_a_page_for_people_and_data_for_the_api(
    small_desk: SmallDesk, path: str
) -> None:
    answer = Browser(small_desk).get(path)
    assert answer.status_code == 404
    if path.startswith("/api/"):
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["error_id"] == "http-404"
    else:
        assert translate("error.http-404", locale="ja") in answer.get_data(as_text=True)


def test_a_stale_form_is_refused_on_a_page_of_whoever_sent_it(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    admin.post("/language", {"locale": "en", "next": "/admin"})
    refused = admin.client.post("/admin/teams", data={"csrf_token": "stale"}, headers=HTML)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 400
    assert '<html lang="en">' in page
    assert 'data-testid="logout"' in page
    assert "/admin" in page


def test_a_form_of_somebody_whose_session_was_ended_asks_for_the_log_in(
    small_desk: SmallDesk,
) -> None:
    admin = signed_in(small_desk, "admin1")
    form = {"csrf_token": admin.token("/admin")}
    cookie = admin.client.get_cookie("desk")
    assert cookie is not None
    admin.post("/logout")
    admin.client.set_cookie("desk", cookie.value)  # of a page that is still open
    refused = admin.client.post("/admin/teams", data=form, headers=HTML)
    assert refused.status_code == 401
    assert 'data-error="http-401"' in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    "fault", [OperationalError("SELECT", {}, Exception("gone")), DatabaseBusy("locked")]
)
def test_a_database_that_is_away_is_a_503(
    small_desk: SmallDesk, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise fault

    browser = signed_in(small_desk, "manager1")
    monkeypatch.setattr(small_desk.desk.reports, "campaigns", away)
    answer = browser.get("/reports")
    assert answer.status_code == 503
    assert translate("error.http-503", locale="ja") in answer.get_data(as_text=True)
    assert "SELECT" not in answer.get_data(as_text=True)


def test_health_readiness_and_metrics_need_no_log_in(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    assert browser.get("/healthz").get_json() == {"ok": True}
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["gateway"])

    small_desk.gateway()
    small_desk.page("operator1")
    small_desk.settle()

    assert browser.get("/readyz").get_json() == {"ready": True, "missing": [], "trunks_down": {}}
    text = browser.get("/metrics").get_data(as_text=True)
    assert "desk_gateways_linked 1.0" in text
    assert 'desk_seats{state="starting"} 1.0' in text
    assert "operator1" not in text


def test_metrics_are_for_this_machine_or_the_workers_key(small_desk: SmallDesk) -> None:
    key = f"Bearer {worker_key(small_desk.config.secret_key)}"
    answers = [
        small_desk.client().get(
            "/metrics",
            headers={"Authorization": shown},
            environ_base={"REMOTE_ADDR": peer},
        )
        for peer, shown in (
            ("127.0.0.1", ""),
            ("::1", ""),
            ("203.0.113.9", ""),
            ("203.0.113.9", "Bearer guess"),
            ("203.0.113.9", key),
        )
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 403, 200]


def test_a_trunk_that_is_down_is_named_and_keeps_nobody_from_working(
    small_desk: SmallDesk,
) -> None:
    browser = Browser(small_desk)
    gateway = small_desk.gateway()
    gateway.tell(protocol.TrunkChanged("trunk1", False, "name not found: sip.example"))
    answer = browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["trunks_down"] == {"trunk1": "name not found: sip.example"}
    elsewhere = browser.get("/readyz", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.get_json()["trunks_down"] == {"trunk1": ""}
    floor = small_desk.page("lead1", "/floor").follow()
    told = next(iter(floor["gateways"].values()))
    assert told["trunks_down"] == {"trunk1": "name not found: sip.example"}
    gateway.disconnect()
    small_desk.settle()
    assert small_desk.desk.not_ready() == ["gateway"]


def test_the_page_gets_relay_credentials_and_never_the_relays_secret(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = ({"urls": "turn:turn.example.jp", "secret": "between desk and relay"},)
    monkeypatch.setitem(vars(small_desk.desk.config), "ice_servers", servers)
    browser = signed_in(small_desk, "operator1")
    page = browser.get("/desk").get_data(as_text=True)
    assert "between desk and relay" not in page
    shown = re.search(r'id="ice-servers">(.*?)</script>', page)
    assert shown is not None
    (server,) = json.loads(shown[1])
    assert server["username"].endswith(":operator1")
    assert server["urls"] == "turn:turn.example.jp"

    again = browser.get("/desk/ice-servers")
    assert again.headers["Cache-Control"] == "no-store"
    assert [set(entry) for entry in again.get_json()] == [{"urls", "username", "credential"}]
    assert "between desk and relay" not in again.get_data(as_text=True)
    assert signed_in(small_desk, "lead1").get("/desk/ice-servers").status_code == 403
