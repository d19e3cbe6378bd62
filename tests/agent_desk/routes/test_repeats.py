"""A request that is sent again with its Idempotency-Key has one effect and one answer."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from agent_desk.models.customers import DoNotCall
from agent_desk.models.tokens import ApiAnswer
from agent_desk.services.api.repeats import KEPT, Answer
from agent_desk.services.errors import ServiceError
from agent_desk.store.api import answers
from tests.agent_desk.routes.tokens import OtherSystem, problem
from tests.agent_desk.small_desk import SmallDesk

TOLD = {"number": "090-0000-0042", "reason": "本人の申し出"}


def rows(desk: SmallDesk, table: type) -> int:
    with desk.desk.database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_the_same_key_and_request_are_answered_the_same_and_done_once(
    small_desk: SmallDesk,
) -> None:
    system = OtherSystem(small_desk)
    first = system.post("do-not-call", TOLD, key="once")
    again = system.post("do-not-call", TOLD, key="once")
    assert first.data == again.data
    assert first.status_code == again.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert rows(small_desk, DoNotCall) == 1


def test_a_key_belongs_to_one_request_of_one_asker(small_desk: SmallDesk) -> None:
    system, other = OtherSystem(small_desk), OtherSystem(small_desk)
    system.post("do-not-call", TOLD, key="mine")
    changed = {**TOLD, "reason": "別の理由"}
    assert problem(system.post("do-not-call", changed, key="mine")) == (
        422,
        "idempotency-key-reused",
    )
    assert problem(system.post("customers", TOLD, key="mine")) == (422, "idempotency-key-reused")
    assert "Idempotency-Replayed" not in other.post("do-not-call", TOLD, key="mine").headers


def test_a_refusal_gives_the_key_back(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    wrong = {**TOLD, "number": "110"}
    assert problem(system.post("do-not-call", wrong, key="k")) == (400, "number-unusable")
    assert system.post("do-not-call", TOLD, key="k").status_code == 201


def test_a_key_that_is_none_is_refused(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    for key in (" ", "x" * 256):
        assert problem(system.post("do-not-call", TOLD, key=key)) == (
            400,
            "idempotency-key-unusable",
        )
    assert rows(small_desk, DoNotCall) == 0


def test_of_several_at_once_one_does_it_and_the_others_hear_so_or_wait(
    small_desk: SmallDesk,
) -> None:
    system = OtherSystem(small_desk)
    app = small_desk.app

    def send(_: int) -> int:
        with app.test_client() as client:
            headers = system.headers("at-once")
            return client.post("/api/v1/do-not-call", json=TOLD, headers=headers).status_code

    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(send, range(5)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert rows(small_desk, DoNotCall) == 1
    assert system.post("do-not-call", TOLD, key="at-once").status_code == 201
    assert rows(small_desk, DoNotCall) == 1


def test_what_a_stopped_desk_left_half_done_is_done_again_after_a_minute(
    small_desk: SmallDesk,
) -> None:
    desk, repeats = small_desk.desk, small_desk.desk.repeats
    done: list[int] = []

    def work() -> Answer:
        done.append(1)
        return Answer(201, "application/json", "", b"{}")

    key_hash = hashlib.sha256(b"k").hexdigest()
    with desk.database.write() as session:
        answers.begin(session, "crm", key_hash, request_hash="r", at=small_desk.clock.real_now())
    with pytest.raises(ServiceError, match="idempotency-in-progress"):
        repeats.once("crm", "k", "r", work)
    small_desk.clock.advance(61)
    assert repeats.once("crm", "k", "r", work)[1] is False
    assert repeats.once("crm", "k", "r", work)[1] is True
    assert done == [1]


@pytest.mark.parametrize("key", ["lost", ""])
def test_a_block_whose_answer_was_lost_in_a_crash_is_not_written_twice(
    small_desk: SmallDesk, key: str
) -> None:
    system = OtherSystem(small_desk)
    system.post("do-not-call", TOLD, key=key)
    with small_desk.desk.database.write() as session:
        # The desk stopped after the block was written, and before its answer was.
        session.execute(update(ApiAnswer).values(status=None, body_sealed=None))
    small_desk.clock.advance(61)
    assert system.post("do-not-call", TOLD, key=key).status_code == 201
    assert rows(small_desk, DoNotCall) == 1
    small_desk.desk.do_not_call.block_number(TOLD["number"], reason="苦情", actor="lead1")
    assert rows(small_desk, DoNotCall) == 2, "of another source it is another block"


def test_after_a_day_the_answer_is_forgotten(small_desk: SmallDesk) -> None:
    system = OtherSystem(small_desk)
    system.post("do-not-call", TOLD, key="once")
    small_desk.clock.advance((KEPT + timedelta(seconds=1)).total_seconds())
    small_desk.desk.routine.tidy()
    small_desk.settle()
    assert rows(small_desk, ApiAnswer) == 0
