"""F33: what is another team's stays theirs, for every route and every event there is.

`test_routes.py` and `tests/agent_desk/sockets/test_strict.py` walk the same registries by role;
here somebody of the right role asks for what is out of scope. A new kind of id that is not listed
fails, so that whoever adds an endpoint says what is another team's there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from agent_desk.routes.guards import EVERYBODY
from agent_desk.routes.limits import limiter
from agent_desk.services.api.tokens import SCOPES
from agent_desk.sockets.events import DESK_EVENTS, FLOOR_EVENTS, ROLES_OF_NAMESPACE, PageEvent
from agent_desk.store import schema
from agent_desk.store.rules import do_not_call
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.routes.tokens import OtherSystem
from tests.agent_desk.small_desk import Shift, SmallDesk
from tests.agent_desk.sockets.test_strict import payload

HTML = {"Accept": "text/html"}
ID = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
# What the first team has, by the name an address has for it; lead2 has the second team.
FIRST_TEAMS = (
    "campaign_id",
    "list_id",
    "user_id",
    "customer_id",
    "call_id",
    "batch_id",
    "order_id",
    "sample_id",
)
# What is nobody's of a team: only administrators' or everybody's, a name or a word.
NO_TEAMS = frozenset(
    {
        *("filename", "error_id", "name", "username", "action", "verb", "step", "link", "code"),
        *("token_id", "tariff_id", "block_id", "team_id", "session_id", "filter_id", "field_id"),
        "schedule_id",  # of who made it, and of nobody else
        "delivery_id",  # of the process that sends mail
        "link_id",  # of a screen on the wall: the service refuses those to more than one sees
        "file_id",  # of the campaign beside it
        "request_id",  # of the process beside the desk, which makes what people ask for
        "saved_id",  # of who kept it; whoever it is shared with asks within their own scope
        "view_id",  # of who keeps it, and of nobody else
        "job_id",  # of who asked for the report, and of nobody else
        *(
            "role",
            "correction_id",
            "row_id",
            "template_id",
            "promise_id",
            "callback_id",
            "result_id",
            "version",
        ),
    }
)

# How an operator hears that a call is not theirs to do something with.
NOT_YOURS = ("not-your-call", "no-call", "not-in-wrap-up", "result-unknown", "not-in-scope")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    folder = tmp_path_factory.mktemp("authorisation")
    url = f"sqlite:///{folder / 'desk.db'}"
    database = Database(url)
    schema.upgrade(database)
    database.close()
    small = SmallDesk(url, folder)
    yield small
    small.stop()


def usable(rule: PageEvent) -> dict[str, Any]:
    """A payload nothing but its scope could be refused for."""
    words = {"mode": "ratio", "running": "paused", "in_flight": "message", "screening": "off"}
    words |= {"reason": "complaint", "code": "contact"}
    told = {**payload(rule), **words, "ratio": 2.0, "target": 0.02}
    needed = {name for name, field in rule.fields.items() if name in words or not field.optional}
    return {name: value for name, value in told.items() if name in needed}


@pytest.fixture(scope="module")
def stranger(desk: SmallDesk) -> Browser:
    """The second team's lead."""
    return signed_in(desk, "lead2")


@pytest.fixture(scope="module")
def ids(desk: SmallDesk) -> dict[str, object]:
    """Ids of the first team's campaign, list, operator, customer, call and import."""
    shift = Shift.begin(desk)
    centre = desk.people.centre
    with desk.desk.database.read() as session:
        [customer_id] = do_not_call.customers_by_id(session, 1)
    return {
        "campaign_id": centre.campaign_id,
        "list_id": centre.list_id,
        "user_id": desk.people.users["operator1"],
        "customer_id": customer_id,
        "call_id": shift.talk(),
        "batch_id": 1,
        "order_id": 1,
        "sample_id": 1,
    }


def rules(desk: SmallDesk) -> list[tuple[str, Rule]]:
    """(verb, route) of everything a lead may open that names something of a team."""
    app = desk.app
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if "lead" in getattr(app.view_functions[rule.endpoint], "guard", ())
        if set(FIRST_TEAMS) & set(ID.findall(rule.rule))
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_f33_every_id_of_an_address_is_a_teams_or_is_known_to_be_nobodys(desk: SmallDesk) -> None:
    named = {name for rule in desk.app.url_map.iter_rules() for name in ID.findall(rule.rule)}
    assert named - NO_TEAMS - set(FIRST_TEAMS) == {"hold_id"} & named


def test_f33_a_lead_of_another_team_gets_nowhere_by_any_route(
    desk: SmallDesk, stranger: Browser, ids: dict[str, object]
) -> None:
    token = stranger.token("/admin")
    opened = []
    for method, rule in rules(desk):
        path = _path(rule, ids)
        limiter.reset()
        answer = stranger.client.open(path, method=method, headers={**HTML, "X-CSRFToken": token})
        if answer.status_code < 400:
            opened.append((method, path, answer.status_code))
    assert rules(desk)
    assert not opened, opened


def test_f33_a_lead_of_another_team_steers_nothing_by_any_event(
    desk: SmallDesk, ids: dict[str, object]
) -> None:
    lead = desk.page("lead2", "/floor")
    named = {"campaign_id": ids["campaign_id"], "seat": "operator1"}
    tried = 0
    for event, rule in FLOOR_EVENTS.items():
        fields = {name: named[name] for name in rule.fields if name in named}
        if fields:
            told = {**usable(rule), **fields}
            assert lead.refused(event, **told) == "not-in-scope", event
            tried += 1
    assert tried >= 5


def test_f33_an_operator_does_nothing_to_another_ones_call(
    desk: SmallDesk, ids: dict[str, object]
) -> None:
    colleague = desk.page("operator2")
    for event, rule in DESK_EVENTS.items():
        if "call_id" in rule.fields:
            refused = colleague.refused(event, **{**usable(rule), "call_id": ids["call_id"]})
            assert refused in NOT_YOURS, (event, refused)


def test_f33_no_page_and_no_event_is_for_tokens(desk: SmallDesk) -> None:
    system = OtherSystem(desk, *SCOPES)
    assert "token" not in EVERYBODY | frozenset().union(*ROLES_OF_NAMESPACE.values())
    app = desk.app
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        guard = getattr(view, "guard", frozenset())
        if rule.arguments or rule.endpoint == "static" or guard & {"public", "internal"}:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        desk.clock.advance(1)
        answer = system.client.open(rule.rule, method=method, headers=system.headers())
        assert _let_in(answer) is (getattr(view, "scope", None) is not None), rule.rule


def _path(rule: Rule, ids: dict[str, object]) -> str:
    """The route's address with the first team's ids; where words may stand, the first of them."""
    words = {
        name: found[1]
        for name, each in rule._converters.items()
        if (found := re.fullmatch(r"\(\?:(\w+)(?:\|.*)?\)", each.regex))
    }
    return ID.sub(lambda found: str({**ids, **words}.get(found[1], "1")), rule.rule)


def _let_in(answer: TestResponse) -> bool:
    """Neither sent to log in nor refused; a page's form is refused for want of its token."""
    told = answer.get_json(silent=True) or {}
    turned_away = answer.status_code in (302, 401, 403)
    return (
        not turned_away
        and (answer.is_json or "problem" in answer.content_type)
        and (told.get("error_id") != "csrf")
    )
