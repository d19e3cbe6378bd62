"""The application behind a proxy, with TLS, and what it believes of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request

from tests.agent_desk.routes.browser import Browser
from tests.agent_desk.small_desk import SmallDesk

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "desk.example",
}
Make = Callable[..., SmallDesk]


@pytest.fixture
def make(sqlite_url: str, tmp_path: Path) -> Iterator[Make]:
    desks: list[SmallDesk] = []

    def build(**settings: str) -> SmallDesk:
        desks.append(SmallDesk(sqlite_url, tmp_path, settings=settings))
        return desks[-1]

    yield build
    for desk in desks:
        desk.stop()


def asker(app: Flask) -> list[tuple[str | None, bool, str]]:
    """What the application believes of each request of ours: address, TLS, host."""
    seen: list[tuple[str | None, bool, str]] = []

    def note() -> None:
        if request.path == "/healthz":
            seen.append((request.remote_addr, request.is_secure, request.host))

    app.before_request(note)
    return seen


def test_without_a_proxy_nobody_is_believed(make: Make) -> None:
    desk = make()
    seen = asker(desk.app)
    answer = desk.client().get("/healthz", headers=FORWARDED)
    assert seen == [("127.0.0.1", False, "localhost")]
    assert "Strict-Transport-Security" not in answer.headers


def test_a_trusted_proxy_says_who_asks_and_how(make: Make) -> None:
    desk = make(DESK_TRUSTED_PROXIES="127.0.0.0/8")
    seen = asker(desk.app)
    answer = desk.client().get("/healthz", headers=FORWARDED)
    assert seen == [("203.0.113.9", True, "desk.example")]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "wss://desk.example" in answer.headers["Content-Security-Policy"]


def test_somebody_who_says_they_are_the_proxy_is_not(make: Make) -> None:
    desk = make(DESK_TRUSTED_PROXIES="10.0.0.1")
    seen = asker(desk.app)
    desk.client().get("/healthz", headers=FORWARDED)
    assert seen == [("127.0.0.1", False, "localhost")]


def test_only_the_last_hop_counts(make: Make) -> None:
    """A client may send any X-Forwarded-For of its own; the proxy appends what it saw."""
    desk = make(DESK_TRUSTED_PROXIES="127.0.0.1")
    seen = asker(desk.app)
    spoofed = {**FORWARDED, "X-Forwarded-For": "1.2.3.4, 203.0.113.9"}
    desk.client().get("/healthz", headers=spoofed)
    assert seen[0][0] == "203.0.113.9"


def test_behind_tls_the_cookie_is_bound_to_the_host_and_never_sent_in_the_clear(
    make: Make,
) -> None:
    desk = make(DESK_TRUSTED_PROXIES="127.0.0.1")
    answer = desk.client().get("/login", headers=FORWARDED, base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie


def test_on_loopback_the_cookie_works_without_tls(make: Make) -> None:
    cookie = make().client().get("/login").headers["Set-Cookie"]
    assert cookie.startswith("desk=")
    assert "Secure" not in cookie


def test_an_upload_beyond_the_limit_is_refused_unread(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make()
    desk.app.config["MAX_CONTENT_LENGTH"] = 1000
    browser = Browser(desk)
    browser.sign_in("lead1")
    answer = browser.post("/admin/targets", {"whose": "x" * 2000})
    assert answer.status_code == 413


def test_a_cookie_somebody_made_up_opens_nothing(make: Make) -> None:
    client = make().client()
    client.set_cookie("desk", "eyJ0b2tlbiI6ImEifQ.aaaa.bbbb")
    assert client.get("/desk", headers={"Accept": "text/html"}).location == "/login?next=/desk"
