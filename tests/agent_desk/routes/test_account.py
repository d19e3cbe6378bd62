"""`/account`, second factors, temporary passwords, and where one may log in from."""

from __future__ import annotations

import re
from html import unescape

import pytest

from agent_desk.catalogue import translate
from agent_desk.services.errors import ServiceError
from agent_desk.services.people import one_time_codes
from agent_desk.services.people.accounts import CodeNeeded, Origin
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.small_desk import PASSWORD, SmallDesk

LONGER = "a sentence I remember"
SECRET = re.compile(r'data-testid="totp-secret">(.*?)</code>')
TEMPORARY = re.compile(r'data-testid="temporary-password">([^<]+)<')
RECOVERY = re.compile(r"<li><code>([a-z2-7-]+)</code></li>")


def says(answer: object, error_id: str, **details: object) -> bool:
    text = unescape(answer.get_data(as_text=True))  # type: ignore[attr-defined]
    return translate(f"error.{error_id}", locale="ja", **details) in text


def code_now(desk: SmallDesk, secret: str, steps: int = 0) -> str:
    step = one_time_codes.step_at(desk.clock.real_now()) + steps
    return one_time_codes.code_at(secret, step)


def with_second_factor(desk: SmallDesk, browser: Browser) -> tuple[str, list[str]]:
    """The secret and the recovery codes of somebody who sets a second factor up."""
    browser.post("/account/second-factor/begin")
    shown = SECRET.search(browser.get("/account").get_data(as_text=True))
    assert shown is not None
    secret = re.sub("<[^>]+>", "", shown[1])
    answer = browser.post("/account/second-factor", {"code": code_now(desk, secret)})
    assert answer.status_code == 200
    return secret, RECOVERY.findall(answer.get_data(as_text=True))


def test_the_secret_is_drawn_into_the_page_and_into_nothing_else(small_desk: SmallDesk) -> None:
    browser = signed_in(small_desk, "operator1")
    browser.post("/account/second-factor/begin")
    page = browser.get("/account")
    text = page.get_data(as_text=True)
    shown = SECRET.search(text)
    drawn = re.search(r'data-testid="totp-qr">(<svg .*?</svg>)', text, re.DOTALL)
    assert shown is not None
    assert drawn is not None, "drawn by the desk, in the page"
    secret = re.sub("<[^>]+>", "", shown[1])
    address = one_time_codes.address_of(secret, issuer="Agent Desk", username="operator1")
    assert drawn[1] == one_time_codes.drawing_of(address)
    assert 'fill="#fff"' in drawn[1], "white around it, on a dark page too"
    assert page.headers["Cache-Control"] == "no-store"
    elsewhere = text.replace(drawn[0], "").replace(unescape(address), "")
    assert secret not in re.findall(r'(?:src|href|action)="(?!otpauth:)([^"]*)"', elsewhere)
    browser.post("/account/second-factor", {"code": code_now(small_desk, secret)})
    assert "totp-qr" not in browser.get("/account").get_data(as_text=True), "shown until it is used"


def change(browser: Browser, old: str, new: str, again: str | None = None) -> object:
    data = {"old": old, "new": new, "again": new if again is None else again}
    return browser.post("/account/password", data)


def test_another_password_ends_the_other_log_ins(small_desk: SmallDesk) -> None:
    here, elsewhere = signed_in(small_desk, "operator1"), signed_in(small_desk, "operator1")
    assert says(change(here, "wrong", LONGER), "password-wrong")
    assert says(change(here, PASSWORD, "short"), "password-short", least=12)
    assert says(change(here, PASSWORD, LONGER, "another one it is"), "password-unlike")
    assert says(change(here, PASSWORD, PASSWORD), "password-same")
    assert change(here, PASSWORD, LONGER).status_code == 303  # type: ignore[attr-defined]
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert Browser(small_desk).sign_in("operator1").status_code == 401
    assert Browser(small_desk).sign_in("operator1", LONGER).status_code == 303


@pytest.mark.parametrize(
    ("password", "error_id"),
    [
        ("123456789012", "password-common"),
        ("passwordpassword", "password-common"),
        ("aaaaaaaaaaaaaaa", "password-common"),
        ("qwertyuiop2026", "password-common"),
        ("it is operator1 here", "password-name"),
        ("x" * 300, "password-long"),
    ],
)
def test_what_everybody_tries_first_is_no_password(
    small_desk: SmallDesk, password: str, error_id: str
) -> None:
    browser = signed_in(small_desk, "operator1")
    assert says(change(browser, PASSWORD, password), error_id, most=256)


def test_a_temporary_password_opens_nothing_but_the_account(small_desk: SmallDesk) -> None:
    admin = signed_in(small_desk, "admin1")
    team = small_desk.desk.people.administration.teams()[0].id
    form = {"username": "newcomer", "name": "新人", "role": "operator", "team": str(team)}
    answer = admin.post("/admin/users/new", form)
    shown = TEMPORARY.search(answer.get_data(as_text=True))
    assert shown is not None
    page = admin.get("/admin/users").get_data(as_text=True)
    assert shown[1] not in page, "it is shown once"

    newcomer = Browser(small_desk)
    assert newcomer.sign_in("newcomer", shown[1]).status_code == 303
    assert newcomer.get("/desk").location == "/account"
    assert (
        newcomer.client.post(
            "/tickets",
            headers={"X-CSRFToken": newcomer.token("/account")},
            json={"namespaces": ["/desk"]},
        ).status_code
        == 403
    )
    assert change(newcomer, shown[1], LONGER).status_code == 303  # type: ignore[attr-defined]
    assert newcomer.get("/desk").status_code == 200


def test_a64_a_second_factor_is_asked_for_and_none_of_its_codes_opens_twice(
    small_desk: SmallDesk,
) -> None:
    browser = signed_in(small_desk, "admin1")
    secret, recovery = with_second_factor(small_desk, browser)
    assert len(recovery) == 10
    used_to_confirm = code_now(small_desk, secret)

    again = Browser(small_desk)
    assert again.sign_in("admin1").location.startswith("/login/code")
    assert again.get("/admin").status_code == 302, "the password alone opens nothing"
    assert says(again.post("/login/code", {"code": used_to_confirm}), "code-wrong")
    small_desk.clock.advance(30)
    fresh = code_now(small_desk, secret)
    assert again.post("/login/code", {"code": fresh}).status_code == 303
    assert again.get("/admin").status_code == 200

    third = Browser(small_desk)
    third.sign_in("admin1")
    assert says(third.post("/login/code", {"code": fresh}), "code-wrong")
    assert third.post("/login/code", {"code": recovery[0].upper()}).status_code == 303
    fourth = Browser(small_desk)
    fourth.sign_in("admin1")
    assert says(fourth.post("/login/code", {"code": recovery[0]}), "code-wrong")


def test_a64_guessing_codes_locks_as_guessing_passwords_does(small_desk: SmallDesk) -> None:
    with_second_factor(small_desk, signed_in(small_desk, "admin1"))
    accounts = small_desk.desk.accounts
    with pytest.raises(CodeNeeded) as needed:
        accounts.sign_in("admin1", PASSWORD)
    errors = []
    for _ in range(6):
        with pytest.raises(ServiceError) as refused:
            accounts.sign_in_with_code(needed.value.half, "000000")
        errors.append(refused.value.error_id)
    assert errors[:5] == ["code-wrong"] * 5
    assert errors[5] in ("half-over", "login-locked")
    with pytest.raises(ServiceError, match="login-locked"):
        accounts.sign_in("admin1", PASSWORD)


def test_a64_a_role_may_need_a_second_factor(small_desk: SmallDesk) -> None:
    admin, lead = signed_in(small_desk, "admin1"), signed_in(small_desk, "lead1")
    admin.post("/admin/access/roles/lead", {"code_needed": "1", "networks": ""})
    assert lead.get("/floor").location == "/account"
    secret, _ = with_second_factor(small_desk, lead)
    assert secret
    assert lead.get("/floor").status_code == 200
    removed = lead.post("/account/second-factor/remove", {"password": PASSWORD})
    assert says(removed, "second-factor-needed")
    assert signed_in(small_desk, "operator1").get("/desk").status_code == 200


def test_a64_a_role_logs_in_from_its_addresses_only(small_desk: SmallDesk) -> None:
    admin, lead = signed_in(small_desk, "admin1"), signed_in(small_desk, "lead1")
    page = small_desk.page("lead1", "/floor")
    refused = admin.post("/admin/access/roles/admin", {"networks": "192.0.2.0/24"})
    assert says(refused, "locks-yourself-out", address="127.0.0.1")
    assert says(
        admin.post("/admin/access/roles/lead", {"networks": "office"}),
        "network-unusable",
        network="office",
    )
    admin.post("/admin/access/roles/lead", {"networks": "192.0.2.0/24\n198.51.100.7"})
    assert not page.open
    assert lead.get("/floor").status_code == 302
    assert says(Browser(small_desk).sign_in("lead1"), "address-refused")
    token, _ = small_desk.desk.accounts.sign_in("lead1", PASSWORD, Origin("198.51.100.7"))
    assert token
    assert admin.get("/admin/access").status_code == 200


def test_the_secret_is_sealed_and_recovery_codes_are_hashes(small_desk: SmallDesk) -> None:
    secret, recovery = with_second_factor(small_desk, signed_in(small_desk, "admin1"))
    raw = small_desk.desk.database.url.removeprefix("sqlite:///")
    small_desk.settle()
    with open(raw, "rb") as file, open(f"{raw}-wal", "rb") as log:
        stored = file.read() + log.read()
    assert secret.encode() not in stored
    assert not [code for code in recovery if code.encode() in stored]


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    secret = one_time_codes.new_secret(b"12345678901234567890")
    assert one_time_codes.code_at(secret, at // one_time_codes.STEP_S) == code
