"""The worker's write door: its key, its deliveries, its refusals."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from agent_desk.desk import worker_key
from agent_desk.store.lists.import_rows import Record, Row
from agent_desk.store.lists.prepared import prepare
from tests.agent_desk.small_desk import SmallDesk
from tests.agent_desk.store.desk_rows import SEALER


def row(row_no: int, number: str, name: str) -> dict[str, Any]:
    record = Record(name, None, ((number, "mobile"),), None, None, None, None, None, None, None, ())
    return prepare(SEALER, Row(row_no, (name, number), record, None), str).to_wire()


def post(desk: SmallDesk, path: str, payload: object, *, key: str | None = None) -> TestResponse:
    shown = key if key is not None else f"Bearer {worker_key(desk.config.secret_key)}"
    return desk.client().post(path, json=payload, headers={"Authorization": shown})


def queued(desk: SmallDesk) -> int:
    """A batch the worker has yet to read."""
    key = f"Bearer {worker_key(desk.config.secret_key)}"
    answer = desk.client().post(
        "/internal/imports?campaign=spring&list=cli&file_name=a.csv",
        data=b"name,tel\n",
        headers={"Authorization": key},
    )
    assert answer.status_code == 201
    return int(answer.get_json()["id"])


@pytest.fixture
def batch(small_desk: SmallDesk) -> int:
    return queued(small_desk)


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer guess", "Basic x", "Bearer \u3042"])
def test_without_the_key_the_door_stays_shut(small_desk: SmallDesk, key: str) -> None:
    for path in ("/internal/imports", "/internal/imports/1/rows", "/internal/imports/1/finish"):
        assert post(small_desk, path, {}, key=key).status_code == 403


def test_rows_are_taken_once_and_counted(each_desk: SmallDesk) -> None:
    batch = queued(each_desk)
    route = f"/internal/imports/{batch}"
    heading = {"encoding": "utf-8-sig", "header": ["name", "tel"], "mapping": ["name", "number"]}
    assert post(each_desk, f"{route}/header", heading).get_json() == {"ok": True}
    rows = [row(2, "+819011112222", "佐藤"), row(3, "+819011113333", "鈴木")]
    assert post(each_desk, f"{route}/rows", {"rows": rows}).get_json() == {"ok": True}
    assert post(each_desk, f"{route}/rows", {"rows": rows}).status_code == 200
    assert post(each_desk, f"{route}/finish", {"rows_total": 2}).status_code == 200

    key = f"Bearer {worker_key(each_desk.config.secret_key)}"
    shown = each_desk.client().get(route, headers={"Authorization": key}).get_json()
    assert (shown["state"], shown["rows_total"], shown["added"]) == ("finished", 2, 2)
    late = post(each_desk, f"{route}/rows", {"rows": []})
    assert late.get_json()["error"]["id"] == "import-finished"


def test_a_file_that_cannot_be_read_fails_the_batch(small_desk: SmallDesk, batch: int) -> None:
    assert (
        post(
            small_desk, f"/internal/imports/{batch}/fail", {"error_id": "import-encoding"}
        ).status_code
        == 200
    )
    assert small_desk.desk.imports.batch(batch).error_id == "import-encoding"


@pytest.mark.parametrize(
    ("step", "payload"),
    [
        ("rows", []),
        ("rows", {}),
        ("rows", {"rows": "x"}),
        ("rows", {"rows": [{}]}),
        ("rows", {"rows": [7]}),
        ("rows", {"rows": [{"row_no": 2, "cells": "!", "person": None, "reason": None}]}),
        ("header", {"header": "x"}),
        ("header", {"header": ["x"]}),
        ("inspected", {"shape": [], "header": [], "rows": []}),
        ("inspected", {"shape": {"path": "x"}, "header": [], "rows": []}),
        ("checked", {"findings": {}, "rows": []}),
        ("checked", {"findings": {"rows": 1}, "rows": "x"}),
        ("finish", {}),
        ("finish", {"rows_total": -1}),
        ("finish", {"rows_total": True}),
        ("fail", {}),
        ("fail", {"error_id": ""}),
        ("fail", {"error_id": "x" * 41}),
    ],
)
def test_a_delivery_that_is_none_is_refused_by_name(
    small_desk: SmallDesk, batch: int, step: str, payload: object
) -> None:
    answer = post(small_desk, f"/internal/imports/{batch}/{step}", payload)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["id"] == "bad-payload"


def test_a_batch_that_is_none_is_refused_by_name(small_desk: SmallDesk) -> None:
    answer = post(small_desk, "/internal/imports/999/finish", {"rows_total": 0})
    assert (answer.status_code, answer.get_json()["error"]["id"]) == (404, "import-unknown")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "bad-payload"),
        ("?campaign=spring", "bad-payload"),
        ("?campaign=none&list=a&file_name=a.csv", "not-in-scope"),
    ],
)
def test_a_file_without_its_place_is_refused(small_desk: SmallDesk, query: str, error: str) -> None:
    answer = post(small_desk, f"/internal/imports{query}", {})
    assert answer.get_json()["error"]["id"] == error


def test_the_refused_rows_of_a_batch_can_be_fetched(small_desk: SmallDesk, batch: int) -> None:
    row = Row(2, ("", "=x"), None, "name-missing")
    heading = {"encoding": "cp932", "header": ["name", "tel"], "mapping": ["name", "number"]}
    post(small_desk, f"/internal/imports/{batch}/header", heading)
    refused = prepare(SEALER, row, str).to_wire()
    post(small_desk, f"/internal/imports/{batch}/rows", {"rows": [refused]})
    key = f"Bearer {worker_key(small_desk.config.secret_key)}"
    answer = small_desk.client().get(
        f"/internal/imports/{batch}/errors.csv", headers={"Authorization": key}
    )
    assert answer.data.startswith(b"name,tel,") and b",'=x," in answer.data
    assert answer.data.decode("cp932")
