"""Every route says who may open it, answers each role so, and carries the headers of safety."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from agent_desk.routes.guards import EVERYBODY, INTERNAL, PUBLIC
from agent_desk.routes.limits import limiter
from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk

USERS = {
    "operator": "operator1",
    "lead": "lead1",
    "manager": "manager1",
    "compliance": "compliance1",
    "auditor": "auditor1",
    "admin": "admin1",
}
HTML = {"Accept": "text/html"}
# Somebody who is not signed in here; whatever else an address names is an id, or its first word.
VALUES = {"username": "nobody", "user_id": "2"}  # operator2
OUR_OWN = PUBLIC | INTERNAL | EVERYBODY

HEADERS = {
    "X-Content-Type-Options": r"nosniff",
    "Referrer-Policy": r"same-origin",
    "Cross-Origin-Opener-Policy": r"same-origin",
    "Permissions-Policy": r"microphone=\(self\), camera=\(\), geolocation=\(\)",
    "Cache-Control": r"no-store",
    "Content-Security-Policy": r"default-src 'self'; script-src 'self' 'nonce-[^']*'; "
    r"style-src 'self'; connect-src 'self' ws://localhost; img-src 'self' data:; "
    r"media-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    r"form-action 'self'",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    folder = tmp_path_factory.mktemp("routes")
    url = f"sqlite:///{folder / 'desk.db'}"
    database = Database(url)
    schema.upgrade(database)
    database.close()
    small = SmallDesk(url, folder)
    yield small
    small.stop()


@pytest.fixture(scope="module")
def clients(desk: SmallDesk) -> dict[str, FlaskClient]:
    """A browser of each role there is, and one of nobody."""
    assert set(USERS) == EVERYBODY
    signed = {role: signed_in(desk, username).client for role, username in USERS.items()}
    return {**signed, "nobody": desk.client()}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def doors(app: Flask) -> list[tuple[str, str, frozenset[str]]]:
    """(method, path, who may) of every route."""
    return [
        (method, _path(rule), _guard(app, rule))
        for rule in rules(app)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: _value(rule, found[1]), rule.rule)


def _value(rule: Rule, name: str) -> str:
    """Something that fits: the first of the words that may stand there, or an id."""
    words = re.fullmatch(r"\(\?:(\w+)(?:\|.*)?\)", rule._converters[name].regex)
    return words[1] if words else VALUES.get(name, "1")


def _guard(app: Flask, rule: Rule) -> frozenset[str]:
    return getattr(app.view_functions[rule.endpoint], "guard", frozenset())


def test_f33_every_route_has_a_guard(desk: SmallDesk) -> None:
    unguarded = [rule.rule for rule in rules(desk.app) if not _guard(desk.app, rule)]
    assert not unguarded, unguarded
    for _, path, guard in doors(desk.app):
        assert guard <= OUR_OWN, path
        assert guard <= EVERYBODY or len(guard) == 1, path


def test_the_worker_has_the_internal_routes_and_no_other(desk: SmallDesk) -> None:
    for _, path, guard in doors(desk.app):
        assert (guard == INTERNAL) is path.startswith("/internal/"), path


def test_f33_every_route_answers_each_role_as_it_declares(
    desk: SmallDesk, clients: dict[str, FlaskClient]
) -> None:
    wrong = []
    for method, path, guard in doors(desk.app):
        if path == "/logout":
            continue  # ends the session it is asked with; tests/agent_desk/routes has it
        for role, client in clients.items():
            limiter.reset()
            answer = _ask(client, method, path)
            if _turned_away(answer, role) is _may(guard, role):
                wrong.append((method, path, role, answer.status_code, answer.location))
    assert not wrong, wrong


def _may(guard: frozenset[str], role: str) -> bool:
    return guard == PUBLIC or role in guard


def _ask(client: FlaskClient, method: str, path: str) -> Any:
    headers = {**HTML, "X-CSRFToken": _token(client) if method == "POST" else ""}
    return client.open(path, method=method, headers=headers)


@cache
def _token(client: FlaskClient) -> str:
    """What the forms of this browser's pages carry: as long as its session lasts."""
    page = client.get("/login", headers=HTML, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
    return found[1] if found else ""


def _turned_away(answer: Any, role: str) -> bool:
    """Refused for who they are: 401, 403, or sent to the log-in page."""
    to_login = answer.status_code == 302 and (answer.location or "").startswith("/login?next=")
    return to_login or answer.status_code in (401, 403)


def test_every_change_needs_a_token(desk: SmallDesk, clients: dict[str, FlaskClient]) -> None:
    open_to_forgery = [
        path
        for method, path, guard in doors(desk.app)
        if method == "POST" and guard != INTERNAL
        if clients["admin"].post(path, headers=HTML).status_code != 400
    ]
    assert not open_to_forgery, open_to_forgery


def test_nothing_is_changed_by_a_get(desk: SmallDesk) -> None:
    for rule in rules(desk.app):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{rule.rule}: one verb, one function"


@pytest.mark.parametrize("role", ["nobody", "admin"])
def test_every_answer_carries_the_headers_of_safety(
    desk: SmallDesk, clients: dict[str, FlaskClient], role: str
) -> None:
    paths = [(method, path) for method, path, _ in doors(desk.app) if path != "/logout"]
    for method, path in [*paths, ("GET", "/nowhere"), ("PUT", "/login")]:
        limiter.reset()
        answer = clients[role].open(path, method=method, headers=HTML)
        for name, wanted in HEADERS.items():
            assert re.fullmatch(wanted, answer.headers.get(name, "")), (method, path, name)


def test_a_file_of_the_page_carries_them_too_and_may_be_kept(desk: SmallDesk) -> None:
    answer = desk.client().get("/static/js/theme.js")
    assert answer.status_code == 200
    for name, wanted in HEADERS.items():
        if name != "Cache-Control":
            assert re.fullmatch(wanted, answer.headers.get(name, "")), name
    assert answer.headers.get("Cache-Control") != "no-store"
    answer.close()
