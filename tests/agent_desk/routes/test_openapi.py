"""The description of `/api/v1` is of what there is, and what there is keeps to it.

Schemathesis asks every operation what its schema allows and what it does not; `API_EXAMPLES` says
how many times each (`make soak` asks for more), always from the same seed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from agent_desk.routes.openapi import document
from agent_desk.routes.openapi_data import SCOPES
from agent_desk.routes.openapi_terms import REPEATED, TEXT
from agent_desk.services.api import tokens
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.routes.tokens import OtherSystem
from tests.agent_desk.small_desk import SmallDesk

EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))
SEED = 5
# Who asks for what: an administrator for everything, another system for what is open to it.
OPERATIONS = [
    (method, path, way)
    for path, verbs in document()["paths"].items()
    for method in verbs
    for way in (("session", "token") if (method, path) in SCOPES else ("session",))
]
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


def views(desk: SmallDesk) -> Iterator[tuple[str, str, Any]]:
    """(method, path as OpenAPI writes it, view) of everything under /api."""
    for rule in desk.app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            parts = [f"{{{part}}}" if is_name else part for is_name, part in rule._trace]
            path = "".join(part.replace("|", "", 1) for part in parts)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method.lower(), path, desk.app.view_functions[rule.endpoint]


def test_a_token_opens_what_the_description_says_and_nothing_else(small_desk: SmallDesk) -> None:
    scopes = {
        (method, path): view.scope
        for method, path, view in views(small_desk)
        if getattr(view, "scope", None) is not None
    }
    assert scopes == SCOPES
    assert set(SCOPES.values()) <= set(tokens.SCOPES)
    unused = set(tokens.SCOPES) - set(SCOPES.values())
    assert unused == {"customers:read"}, "this one adds fields to what the others read"


def test_every_change_may_be_sent_again_and_says_so(small_desk: SmallDesk) -> None:
    once = {("post", "/api/v1/recordings/{call_id}/url")}  # a link for a minute changes nothing
    for method, path, view in views(small_desk):
        if method == "post":
            repeatable = getattr(view, "repeatable", False)
            assert repeatable is ((method, path) not in once), path
            names = {each["name"] for each in document()["paths"][path][method]["parameters"]}
            assert REPEATED in names


def test_every_example_is_valid() -> None:
    described = document()
    found = 0
    for verbs in described["paths"].values():
        for operation in verbs.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in content:
                    wanted = {**content["schema"], "components": described["components"]}
                    jsonschema_rs.validator_for(wanted).validate(content["example"])
                    found += 1
    assert found >= 5


@pytest.fixture(scope="module")
def desk(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    """One desk for all that is asked; nothing here depends on what was asked before."""
    folder = tmp_path_factory.mktemp("openapi")
    path = folder / "desk.db"
    path.write_bytes(sqlite_template.read_bytes())
    small = SmallDesk(f"sqlite:///{path}", folder)
    yield small
    small.stop()


@pytest.fixture(scope="module")
def shown(desk: SmallDesk) -> dict[str, dict[str, str]]:
    """How an administrator's session and a token with every scope are shown."""
    browser = signed_in(desk, "admin1")
    cookie = browser.client.get_cookie("desk")
    assert cookie is not None
    session = {"Cookie": f"desk={cookie.value}", "X-CSRFToken": browser.token("/admin/users")}
    return {"session": session, "token": OtherSystem(desk).headers()}


@pytest.fixture(scope="module")
def described(desk: SmallDesk) -> Any:
    """The description as it is served."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.app)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path", "way"), OPERATIONS)
def test_nothing_that_is_sent_breaks_it_or_is_answered_otherwise_than_described(
    desk: SmallDesk,
    described: Any,
    shown: dict[str, dict[str, str]],
    method: str,
    path: str,
    way: str,
    mode: GenerationMode,
) -> None:
    operation = described[path][method.upper()]
    if mode is GenerationMode.NEGATIVE and not _refuses_something(method, path):
        return

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        desk.clock.advance(1)  # or the token's rate would be what is tested
        answer = case.call(headers=shown[way])
        case.validate_response(answer, checks=CHECKS, headers=shown[way])

    ask()


def _refuses_something(method: str, path: str) -> bool:
    """Whether anything can be sent that its schema does not allow."""
    operation = document()["paths"][path][method]
    parameters = operation.get("parameters", [])
    strict = [each for each in parameters if each["in"] != "path" or each["schema"] != TEXT]
    return bool(strict or operation.get("requestBody"))
