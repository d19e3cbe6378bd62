"""`docs/api.md` shows commands that work, in the order in which they stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from agent_desk.routes.openapi_data import SCOPES
from tests.agent_desk.routes.tokens import OtherSystem
from tests.agent_desk.small_desk import SmallDesk
from tests.house.sources import ROOT

PAGE = Path(ROOT) / "docs" / "api.md"
COMMAND = re.compile(r"```sh\n(curl .*?)```", re.DOTALL)


def commands() -> list[list[str]]:
    """The words of each command, as a shell splits them."""
    found = COMMAND.findall(PAGE.read_text(encoding="utf-8"))
    return [shlex.split(each.replace("\\\n", " ")) for each in found]


def test_every_command_of_the_page_works(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    told = {}
    for words in commands():
        address = urlsplit(next(word for word in words if word.startswith("$DESK")))
        headers = dict(
            words[place + 1].replace("$TOKEN", system.secret).split(": ", 1)
            for place, word in enumerate(words)
            if word == "-H"
        )
        path = address.path.removeprefix("$DESK")
        data = words[words.index("-d") + 1] if "-d" in words else None
        answer = system.client.open(
            path,
            method="GET" if data is None else "POST",
            query_string=address.query,
            headers=headers,
            data=data,
        )
        assert answer.status_code in (200, 201), (path, answer.text)
        told[path] = answer.get_json()
        assert data is None or json.loads(data)
    assert told["/api/v1/customers"]["added"] == 1
    assert told["/api/v1/lists/1/entries"]["results"][0]["new_entry"]
    assert told["/api/v1/payments/reverse"]["closed"] is False
    assert set(told) == {
        path.replace("{list_id}", "1")
        for _, path in SCOPES
        if path not in ("/api/v1/campaigns", "/api/v1/lists", "/api/v1/reports/operators")
    }


def test_the_page_names_every_scope() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{scope}`" in text for scope in {*SCOPES.values(), "customers:read"})
