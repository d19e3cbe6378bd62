"""What is asked of reports: handed out once, again when its maker is gone, never a hang."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import requests as requests_module
from agent_desk.services.reports.making import Asked
from agent_desk.services.reports.requests import (
    CANCELLED,
    DONE,
    FAILED,
    JOBS,
    MAKING,
    MOST_JOBS,
    QUICK,
    WAITING,
    Answer,
    Request,
    Requests,
)
from tests.waiting import until

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
MADE = Answer(b"<p>made</p>", rows=3)


def asked(kind: str = "operators", username: str = "manager1") -> Asked:
    return Asked(kind, {"from": "2026-11-24"}, None, None, username, "ja", NOON)


class Page:
    """Somebody who waits for a report in a thread of their own."""

    def __init__(self, queue: Requests, **options: Any) -> None:
        self.answer: Answer | None = None
        self.error_id = ""
        self._thread = threading.Thread(target=self._ask, args=(queue, options))
        self._thread.start()

    def _ask(self, queue: Requests, options: dict[str, Any]) -> None:
        try:
            self.answer = queue.ask(asked(), **options)
        except ServiceError as error:
            self.error_id = error.error_id

    def wait(self) -> Page:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self


@pytest.fixture
def noted() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def queue(noted: list[tuple[str, str]]) -> Requests:
    def note(request: Request) -> None:
        noted.append((request.state, request.error_id))

    return Requests(now=lambda: NOON, noted=note)


def fetch(queue: Requests, boot: str = "b1", poller: str = "quick-1", lane: str = QUICK) -> Request:
    found = queue.next(lane, boot=boot, poller=poller, within_s=10)
    assert found is not None
    return found


def test_who_asks_gets_what_was_made(queue: Requests, noted: list[tuple[str, str]]) -> None:
    page = Page(queue)
    request = fetch(queue)
    assert (request.state, request.asked.kind) == (MAKING, "operators")
    assert queue.answer(request.id, MADE)
    assert page.wait().answer is MADE
    assert noted == [(DONE, "")]
    assert not queue.answer(request.id, MADE), "answered twice: nobody waits any more"


def test_a_maker_that_waits_is_woken_by_the_next_question(queue: Requests) -> None:
    got: list[Request | None] = []
    poll = threading.Thread(
        target=lambda: got.append(queue.next(QUICK, boot="b1", poller="quick-1", within_s=10))
    )
    poll.start()
    page = Page(queue)
    poll.join(10)
    assert got[0] is not None
    queue.fail(got[0].id, "report-broken")
    assert page.wait().error_id == "report-broken"


def test_without_work_a_maker_goes_with_nothing(queue: Requests) -> None:
    assert queue.next(QUICK, boot="b1", poller="quick-1", within_s=0.01) is None


def test_what_a_dead_maker_held_is_handed_out_once_more(queue: Requests) -> None:
    page = Page(queue)
    request = fetch(queue, boot="b1")
    again = fetch(queue, boot="b2")
    assert again.id == request.id
    assert queue.answer(again.id, MADE)
    assert page.wait().answer is MADE


def test_what_two_makers_died_of_is_refused(queue: Requests) -> None:
    page = Page(queue)
    for boot in ("b1", "b2"):
        fetch(queue, boot=boot)
    assert queue.next(QUICK, boot="b3", poller="quick-1", within_s=0.01) is None
    assert page.wait().error_id == "report-died"


def test_a_poller_that_comes_back_without_an_answer_gets_it_again(queue: Requests) -> None:
    page = Page(queue)
    first = fetch(queue, poller="quick-1")
    assert queue.next(QUICK, boot="b1", poller="quick-2", within_s=0.01) is None, "still held"
    assert fetch(queue, poller="quick-1").id == first.id
    queue.answer(first.id, MADE)
    page.wait()


def test_the_poll_of_a_process_that_was_replaced_gets_nothing(queue: Requests) -> None:
    old: list[Request | None] = []
    poll = threading.Thread(
        target=lambda: old.append(queue.next(QUICK, boot="b1", poller="quick-1", within_s=10))
    )
    poll.start()
    until(lambda: queue._polling == 1, what="the old process waits")
    assert queue.next(QUICK, boot="b2", poller="quick-1", within_s=0.01) is None
    poll.join(10)
    assert old == [None]


def test_a_maker_whose_connection_broke_is_given_nothing(queue: Requests) -> None:
    page = Page(queue)
    until(lambda: len(queue._queues[QUICK]) == 1, what="somebody waits")
    assert queue.next(QUICK, boot="b1", poller="quick-1", within_s=10, gone=lambda: True) is None
    queue.answer(fetch(queue, boot="b2").id, MADE)
    assert page.wait().answer is MADE


def test_it_is_late_when_nothing_came_in_time(
    queue: Requests, noted: list[tuple[str, str]]
) -> None:
    page = Page(queue, within_s=0.05)
    request = fetch(queue)
    assert page.wait().error_id == "report-late"
    assert noted == [(FAILED, "report-late")]
    assert not queue.answer(request.id, MADE)


def test_it_is_said_soon_that_nobody_makes_reports(
    queue: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests_module, "AWAY_S", 0.0)
    assert Page(queue).wait().error_id == "report-away"


def test_a_page_opened_before_the_process_beside_the_desk_is_up_waits_for_it(
    queue: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_heard", float("-inf"))  # nobody has ever come
    looked: list[float] = []
    comes = queue._nobody_comes
    monkeypatch.setattr(queue, "_nobody_comes", lambda at: looked.append(at) or comes(at))
    page = Page(queue)
    until(lambda: looked, what="it was looked whether anybody comes")
    queue.answer(fetch(queue).id, MADE)
    assert page.wait().answer == MADE


def test_what_nobody_waits_for_is_dropped(queue: Requests, noted: list[tuple[str, str]]) -> None:
    Page(queue, gone=lambda: True).wait()
    assert noted == [(CANCELLED, "")]
    assert queue.next(QUICK, boot="b1", poller="quick-1", within_s=0.01) is None


def test_a_storm_is_refused_before_it_fills_the_memory(
    queue: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests_module, "MOST_WAITING", 1)
    page = Page(queue)
    until(lambda: len(queue._queues[QUICK]) == 1, what="the first waits")
    assert Page(queue).wait().error_id == "report-busy"
    queue.answer(fetch(queue).id, MADE)
    page.wait()


def test_a_desk_that_leaves_lets_everybody_go(queue: Requests) -> None:
    page = Page(queue)
    until(lambda: len(queue._queues[QUICK]) == 1, what="somebody waits")
    queue.stop()
    assert page.wait().error_id == "report-away"
    assert Page(queue).wait().error_id == "report-away"


def a_job(queue: Requests) -> tuple[str, Callable[[], Request]]:
    job_id = queue.begin(asked(), "csv")
    return job_id, lambda: queue.job(job_id, username="manager1", teams=None)


def test_a_job_says_how_far_it_is_and_can_be_cancelled(
    queue: Requests, noted: list[tuple[str, str]]
) -> None:
    job_id, job = a_job(queue)
    assert job().state == WAITING
    assert fetch(queue, poller="jobs", lane=JOBS).id == job_id
    assert queue.progress(job_id, 0.5, "6 of 12 months")
    assert (job().share, job().words) == (0.5, "6 of 12 months")
    queue.cancel(job())
    assert job().state == CANCELLED
    assert not queue.progress(job_id, 0.6, ""), "so the maker hears that it may stop"
    assert noted == [(WAITING, ""), (CANCELLED, "")]


def test_a_job_that_waits_can_be_cancelled_and_one_that_is_over_stays(queue: Requests) -> None:
    job_id, job = a_job(queue)
    queue.cancel(job())
    assert queue.next(JOBS, boot="b1", poller="jobs", within_s=0.01) is None
    second, its = a_job(queue)
    fetch(queue, poller="jobs", lane=JOBS)
    queue.answer(second, Answer(file=f"{second}.csv"))
    queue.cancel(its())
    assert its().state == DONE


def test_a_job_is_of_who_asked_in_the_scope_they_had(queue: Requests) -> None:
    job_id, _ = a_job(queue)
    for username, teams in (("lead1", None), ("manager1", frozenset({1}))):
        with pytest.raises(ServiceError, match="report-forgotten"):
            queue.job(job_id, username=username, teams=teams)


def test_long_jobs_wait_in_a_short_queue(queue: Requests) -> None:
    for _ in range(MOST_JOBS):
        queue.begin(asked(), "csv")
    with pytest.raises(ServiceError, match="report-busy"):
        queue.begin(asked(), "csv")
    assert queue.next(QUICK, boot="b1", poller="quick-1", within_s=0.01) is None, "two lanes"
