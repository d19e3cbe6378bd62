"""When a trunk is called up, down or resting, on a clock the test moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from softphone.sip.calls.endings import SipEnding
from softphone.sip.messages.message import Message
from softphone.sip.trunk.breaker import FAILURES, FIRST_REST_S, MOST_REST_S, is_trunks_fault
from softphone.sip.trunk.health import TrunkHealth
from tests.softphone.sip.virtual_time import VirtualTime


class Patient:
    """A health under test; `questions` are the OPTIONS that wait for the test's answer."""

    def __init__(self, *, registers: bool = False, connects: bool = False) -> None:
        self.time = VirtualTime()
        self.told: list[tuple[str, str]] = []
        self.questions: list[Callable[[Message | None], None]] = []
        self.health = TrunkHealth(
            timers=lambda: self.time,
            now=lambda: self.time.now,
            ask=self.questions.append,
            on_state=lambda state, reason: self.told.append((state, reason)),
            registers=registers,
            connects=connects,
        )
        self.health.run()

    @property
    def state(self) -> str:
        return self.health.state

    def fail(self, times: int = 1, code: int = 503) -> None:
        for _ in range(times):
            self.health.failed(code)

    def answer(self, code: int | None) -> None:
        self.questions.pop(0)(Message(code=code) if code else None)


@pytest.fixture
def patient() -> Patient:
    return Patient()


def test_a_fifth_failure_in_a_row_is_one_too_many(patient: Patient) -> None:
    patient.fail(FAILURES - 1)
    assert FAILURES == 5 and patient.state == "up"
    patient.fail()
    assert patient.state == "resting" and "503" in patient.health.reason
    assert not patient.health.may_call(0)


def test_a_call_that_gets_through_begins_the_count_anew(patient: Patient) -> None:
    for _ in range(3):
        patient.fail(FAILURES - 1)
        patient.health.succeeded()
    assert patient.state == "up"


def test_after_the_rest_options_is_the_first_question(patient: Patient) -> None:
    patient.fail(FAILURES)
    patient.time.advance(FIRST_REST_S - 1)
    assert not patient.questions
    patient.time.advance(1)
    assert len(patient.questions) == 1 and patient.state == "resting"
    patient.answer(200)
    assert patient.state == "up" and patient.health.may_call(10)


def test_the_next_failure_after_a_rest_doubles_it(patient: Patient) -> None:
    rests = []
    patient.fail(FAILURES)
    for _ in range(7):
        before = patient.time.now
        while not patient.questions:
            patient.time.advance(1)
        rests.append(patient.time.now - before)
        patient.answer(200)
        patient.fail()
        assert patient.state == "resting"
    assert rests[:3] == [30, 60, 120] and rests[-1] == MOST_REST_S


@pytest.mark.parametrize("code", [503, 500, 408])
def test_a_refused_question_is_another_failure(patient: Patient, code: int) -> None:
    patient.fail(FAILURES)
    patient.time.advance(FIRST_REST_S)
    patient.answer(code)
    assert patient.state == "resting"


def test_a_trunk_that_ignores_options_is_asked_by_one_call_at_a_time(patient: Patient) -> None:
    patient.fail(FAILURES)
    patient.time.advance(FIRST_REST_S)
    patient.answer(None)
    assert patient.state == "up"
    assert patient.health.may_call(0) and not patient.health.may_call(1)
    patient.health.succeeded()
    assert patient.health.may_call(1)


def test_a_trunk_that_answers_options_and_does_not_any_more_rests_on(patient: Patient) -> None:
    patient.health.keep_alive()
    patient.answer(200)
    patient.fail(FAILURES)
    patient.time.advance(FIRST_REST_S)
    patient.answer(None)
    assert patient.state == "resting"


def test_retry_after_is_kept_to_the_second(patient: Patient) -> None:
    patient.health.leave_alone(90.0)
    assert patient.state == "resting" and "Retry-After" in patient.health.reason
    patient.time.advance(89)
    assert patient.state == "resting" and not patient.questions
    patient.time.advance(1)
    patient.answer(200)
    assert patient.state == "up"


def test_a_keep_alive_nobody_answers_is_no_fault_of_one_who_never_does(patient: Patient) -> None:
    patient.health.keep_alive()
    patient.answer(None)
    assert patient.state == "up"


def test_a_keep_alive_left_unanswered_means_down_until_a_word_is_heard(patient: Patient) -> None:
    for code in (200, None):
        patient.health.keep_alive()
        patient.answer(code)
    assert patient.told[-1] == ("down", "no answer from the trunk")
    patient.health.heard()
    assert patient.state == "up"


def test_the_strongest_reason_is_told() -> None:
    patient = Patient(registers=True, connects=True)
    assert patient.told[-1] == ("down", "connecting")
    patient.health.connected()
    assert patient.told[-1] == ("registering", "registering")
    patient.health.registered("not registered: the registrar said 403")
    assert patient.told[-1] == ("down", "not registered: the registrar said 403")
    patient.health.registered("")
    assert patient.state == "up"
    patient.health.disconnected("no connection")
    assert patient.told[-1] == ("down", "no connection")
    patient.health.stop()
    assert patient.told[-1] == ("down", "stopped")


def test_a_stopped_trunk_leaves_no_timer(patient: Patient) -> None:
    patient.fail(FAILURES)
    patient.health.stop()
    assert patient.time.pending == 0


def ending(code: int, *, by: str = "remote", q850: int | None = None, rang: bool = False):
    return SipEnding(code, "", q850, by, rang=rang, answered=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("end", "blamed"),
    [
        (ending(503), True),
        (ending(500, q850=38), True),
        (ending(504), True),
        (ending(408, by="trunk"), True),
        (ending(408), True),
        (ending(503, q850=17), False),  # busy, in the carrier's wrapping
        (ending(503, rang=True), False),
        (ending(486), False),
        (ending(404), False),
        (ending(403), False),
        (ending(603), False),
        (ending(600), False),
        (ending(487, by="local"), False),
        (ending(487, by="timeout"), False),
    ],
)
def test_only_what_the_trunk_is_to_blame_for_counts(end: SipEnding, blamed: bool) -> None:
    assert is_trunks_fault(end) is blamed
