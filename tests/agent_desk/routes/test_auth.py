"""Log-in, log-out, language and tickets, as a browser meets them."""

from __future__ import annotations

import html

import pytest

from agent_desk.catalogue import translate
from agent_desk.services.people import passwords
from tests.agent_desk.routes.browser import HTML, Browser, signed_in
from tests.agent_desk.small_desk import PASSWORD, Shift, SmallDesk

FIRST_PAGE = {
    "operator1": "/desk",
    "lead1": "/floor",
    "manager1": "/reports",
    "admin1": "/admin",
}


@pytest.mark.parametrize(("username", "page"), FIRST_PAGE.items())
def test_everybody_lands_on_their_page(small_desk: SmallDesk, username: str, page: str) -> None:
    browser = Browser(small_desk)
    assert browser.sign_in(username).location == page
    assert browser.get("/").location == page
    assert browser.get("/login").location == page
    assert browser.get(page).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("operator1", "wrong"), ("nobody", PASSWORD), ("operator1", " ")]
)
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    small_desk: SmallDesk, username: str, password: str
) -> None:
    answer = Browser(small_desk).sign_in(username, password)
    assert answer.status_code == 401
    assert translate("error.login-failed", locale="ja") in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers or "token" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("form", "error"),
    [({"username": ""}, "error.username-needed"), ({"password": ""}, "error.password-needed")],
)
def test_an_empty_field_is_named(small_desk: SmallDesk, form: dict[str, str], error: str) -> None:
    filled = {"username": "operator1", "password": PASSWORD, **form}
    answer = Browser(small_desk).post("/login", filled)
    assert answer.status_code == 400
    assert translate(error, locale="ja") in answer.get_data(as_text=True)


def test_a_disabled_person_is_not_let_in(small_desk: SmallDesk) -> None:
    admin = small_desk.person("admin1")
    user_id = small_desk.people.users["operator1"]
    small_desk.desk.accounts.set_enabled(user_id, False, actor=admin)
    assert Browser(small_desk).sign_in("operator1").status_code == 401


def test_a64_a_log_in_needs_the_token_of_our_own_form(small_desk: SmallDesk) -> None:
    form = {"username": "operator1", "password": PASSWORD}
    answer = small_desk.client().post("/login", data=form, headers=HTML)
    assert answer.status_code == 400
    assert translate("error.csrf", locale="ja") in answer.get_data(as_text=True)


def test_a_fresh_cookie_is_made_at_each_log_in(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    browser.get("/login")
    before = browser.client.get_cookie("desk")
    browser.sign_in("operator1")
    after = browser.client.get_cookie("desk")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "/nope"])
def test_the_log_in_sends_nobody_elsewhere(small_desk: SmallDesk, target: str) -> None:
    assert Browser(small_desk).sign_in("lead1", next=target).location == "/floor"


def test_the_log_in_goes_on_where_somebody_wanted_to_go(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    assert browser.get("/reports").location == "/login?next=/reports"
    assert browser.sign_in("lead1", next="/reports").location == "/reports"


def test_thirty_failures_a_minute_are_enough(
    small_desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(small_desk)
    # Thirty honest verifications take seconds, and are not what is looked at here.
    monkeypatch.setattr(passwords, "fits", lambda hashed, password: False)
    answers = [browser.sign_in(f"nobody{n}", "x").status_code for n in range(31)]
    assert answers == [401] * 30 + [429]


def test_successes_do_not_use_up_the_rate(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    for _ in range(32):
        assert browser.sign_in("manager1").status_code == 303


# --- logging out --------------------------------------------------------------------------------


def test_logging_out_ends_session_seat_and_sockets(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "operator1")
    tickets = post_tickets(browser, ["/desk"]).get_json()["tickets"]
    small_desk.server.connect("/desk", "page", {"ticket": tickets["/desk"], "tab": "t"})
    cookie = browser.client.get_cookie("desk")
    assert cookie is not None

    answer = browser.post("/logout")

    assert answer.location == "/login"
    assert ("/desk", "page") in small_desk.server.closed
    assert "operator1" not in small_desk.desk.commits.floor.seats
    browser.client.set_cookie("desk", cookie.value)  # a copy of the old cookie opens nothing
    assert browser.get("/desk").status_code == 302


def test_whose_log_in_was_ended_is_told_so_once(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "lead1")
    small_desk.desk.sign_out(small_desk.person("lead1"))  # another of theirs
    assert browser.get("/floor").status_code == 200
    admin = signed_in(small_desk, "admin1")
    for row in small_desk.desk.people.sessions.page(None).rows:
        if row.username == "lead1":
            admin.post(f"/admin/sessions/{row.id}/revoke")
    over = translate("login.over", locale="ja")
    assert over in browser.get("/floor", follow_redirects=True).get_data(as_text=True)
    assert over not in browser.get("/login").get_data(as_text=True)
    browser.sign_in("lead1")
    browser.post("/logout")
    assert over not in browser.get("/login").get_data(as_text=True), "their own doing"


def test_nobody_logs_out_with_a_customer_on_the_line(shift: Shift) -> None:
    browser = signed_in(shift.desk, "operator1")
    shift.talk()
    answer = browser.post("/logout")
    assert answer.status_code == 409
    assert translate("error.call-on-seat", locale="ja") in answer.get_data(as_text=True)
    assert browser.get("/desk").status_code == 200


def test_logging_out_is_no_link(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "operator1")
    assert browser.get("/logout").status_code == 405
    assert browser.client.post("/logout", headers=HTML).status_code == 400, "no token"
    assert browser.get("/desk").status_code == 200


# --- language -----------------------------------------------------------------------------------


def test_the_page_speaks_japanese_until_it_is_switched(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    assert '<html lang="ja">' in browser.get("/login").get_data(as_text=True)
    assert browser.post("/language", {"locale": "en", "next": "/desk"}).location == "/desk"
    assert '<html lang="en">' in browser.get("/login").get_data(as_text=True)


def test_the_language_is_remembered_with_the_person(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "manager1")
    browser.post("/language", {"locale": "en"})
    assert '<html lang="en">' in signed_in(small_desk, "manager1").get("/reports").get_data(True)


def test_a_language_chosen_before_the_log_in_is_kept(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    browser.post("/language", {"locale": "en"})
    browser.sign_in("manager1")
    assert '<html lang="en">' in browser.get("/reports").get_data(as_text=True)


@pytest.mark.parametrize(
    "page", ["/reports/calls", "/reports/calls?day=2026-11-24&show=talked", "/reports?campaign=1"]
)
def test_switching_the_language_keeps_the_page_and_what_it_shows(
    small_desk: SmallDesk, page: str
) -> None:
    browser = signed_in(small_desk, "manager1")
    shown = html.unescape(browser.get(page).get_data(as_text=True))
    assert f'name="next" value="{page}"' in shown
    assert browser.post("/language", {"locale": "en", "next": page}).location == page


def test_a_language_that_is_none_changes_nothing(small_desk: SmallDesk) -> None:
    browser = Browser(small_desk)
    assert browser.post("/language", {"locale": "xx", "next": "//evil"}).location == "/"
    assert '<html lang="ja">' in browser.get("/login").get_data(as_text=True)


# --- tickets ------------------------------------------------------------------------------------


def post_tickets(browser: Browser, namespaces: object, *, token: str | None = None) -> object:
    return browser.client.post(
        "/tickets",
        json={"namespaces": namespaces},
        headers={"X-CSRFToken": token or browser.token()},
    )


def test_a_page_gets_one_ticket_for_each_namespace(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "operator1")
    answer = post_tickets(browser, ["/desk", "/pulse"])
    tickets = answer.get_json()["tickets"]
    assert set(tickets) == {"/desk", "/pulse"}
    small_desk.server.connect("/desk", "page", {"ticket": tickets["/desk"], "tab": "t"})
    assert ("/desk", "page") in small_desk.server.open


def test_tickets_need_a_session_and_a_token(small_desk: SmallDesk) -> None:
    assert post_tickets(Browser(small_desk), ["/desk"]).status_code == 401
    browser = signed_in(small_desk, "operator1")
    assert post_tickets(browser, ["/desk"], token="made-up").status_code == 400


@pytest.mark.parametrize("namespaces", [None, "x", [], ["/desk"] * 5, {}, 7])
def test_a_wish_that_is_no_list_of_namespaces_is_refused(
    small_desk: SmallDesk, namespaces: object
) -> None:
    answer = post_tickets(signed_in(small_desk, "operator1"), namespaces)
    assert answer.status_code == 400
    assert answer.get_json()["error_id"] == "bad-payload"
