"""Nothing that points at a customer gets into a log, even by a library's message."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from agent_desk import logs
from agent_desk.logs import PRIVATE, drop_private
from tests.agent_desk.small_desk import BORN, Shift

NUMBER = "+819012345678"


class Log:
    """The product's logging, set up as a process sets it up, and what it wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.logger = logging.getLogger("agent_desk.test")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def line(self) -> dict[str, object]:
        """The only line."""
        (line,) = self.text.splitlines()
        found: dict[str, object] = json.loads(line)
        return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    made = Log()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", made.stream)
        logs.set_up()
    yield made
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_one_object_with_time_level_and_origin(log: Log) -> None:
    log.logger.warning("the gateway %s is late", "gw1")
    line = log.line
    assert line["event"] == "the gateway gw1 is late"
    assert (line["level"], line["logger"]) == ("warning", "agent_desk.test")
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("number", [NUMBER, "090-1234-5678", "0312345678", "81-90-1234-5678"])
def test_a_telephone_number_is_cut_from_any_text(log: Log, number: str) -> None:
    log.logger.error("could not call %s", number)
    assert sum(map(str.isdigit, str(log.line["event"]))) <= 4


def test_a_number_in_an_exception_is_cut_too(log: Log) -> None:
    try:
        raise ValueError(f"no route to {NUMBER}")
    except ValueError:
        log.logger.exception("failed")
    text = log.text
    assert "no route to" in text
    assert NUMBER not in text


class DetailedError(Exception):
    """As a driver's: it quotes the row."""


DetailedError.__module__ = "psycopg2.errors"


CUSTOMER = "山田 太郎"


def test_what_a_statement_was_given_is_not_in_its_error(log: Log) -> None:
    """Type and places are kept; the text of the database's errors quotes rows."""
    try:
        try:
            raise DetailedError(f"Key (name)=({CUSTOMER}) exists")
        except DetailedError as cause:
            raise IntegrityError("INSERT", {"name": CUSTOMER, "n": 7}, cause) from cause
    except IntegrityError:
        log.logger.exception("not stored")
    told = str(log.line["exception"])
    assert told.endswith("sqlalchemy.exc.IntegrityError")
    assert "psycopg2.errors.DetailedError" in told
    assert "test_logs.py" in told
    assert "in test_what_a_statement_was_given" in told
    assert CUSTOMER not in log.text


def test_an_error_that_followed_a_databases_error_is_told_with_its_text(log: Log) -> None:
    try:
        try:
            raise OperationalError("SELECT", {"name": CUSTOMER}, Exception(CUSTOMER))
        except OperationalError as cause:
            raise ValueError(f"no figure for {NUMBER}") from cause
    except ValueError:
        log.logger.exception("failed")
    told = str(log.line["exception"])
    assert told.endswith("ValueError: no figure for …")
    assert "sqlalchemy.exc.OperationalError" in told
    assert CUSTOMER not in log.text


@pytest.mark.parametrize("field", sorted(PRIVATE))
def test_a_field_that_names_a_person_is_dropped(field: str) -> None:
    assert drop_private(None, "info", {"event": "x", field: "山田 太郎"})[field] == "…"


def test_fields_are_dropped_at_any_depth() -> None:
    event = {"event": "x", "rows": [{"name": "山田", "id": 1}], "call": {"phone": NUMBER, "n": 2}}
    dropped = drop_private(None, "info", event)
    assert "山田" not in str(dropped)
    assert NUMBER not in str(dropped)
    assert dropped["rows"][0]["id"] == 1


def test_what_helps_to_find_a_fault_stays(log: Log) -> None:
    log.logger.info("call %s ended", "be5b8988087e48f0bb41a483b73f90d4")
    line = log.line
    assert "be5b8988" in str(line["event"])


def test_structured_fields_go_through_the_same_sieve(log: Log) -> None:
    wrapped = structlog.wrap_logger(
        log.logger,
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    wrapped.info("shown", name="山田", number=NUMBER, call_id="c1")
    line = log.line
    assert (line["name"], line["number"], line["call_id"]) == ("…", "…", "c1")


def test_a_whole_call_leaves_no_personal_data_in_the_logs(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call_id = shift.talk()
    page = shift.page
    page.ask("check_identity", call_id=call_id, answer="1970-12-31")
    page.do("check_identity", call_id=call_id, answer=BORN)
    page.do("set_promise", call_id=call_id, due_on="2026-11-30", amount_yen=54_321)
    page.do("draft_note", call_id=call_id, text="秘密のメモ")
    page.ask("hold", on="nonsense")
    shift.end(call_id)
    page.do("save_result", call_id=call_id, note="秘密のメモ")
    said = "\n".join(record.getMessage() for record in caplog.records)
    for private in ("山田", "+8190", "090", "54321", "54_321", "秘密", BORN, "1970-12-31"):
        assert private not in said
