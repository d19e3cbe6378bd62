"""Every row of the table from the network's answer to outcome, blame and retry."""

from __future__ import annotations

from typing import Any

import pytest

from agent_desk.dialer import outcomes
from agent_desk.dialer.outcomes import ROWS, Ladder, Outcome, OutcomeRow, classify
from agent_desk.dialer.selection import LADDERS
from softphone.customer import early_media
from tests.agent_desk.dialer.floors import ended, instant


def row_of(*, bridged: bool | None = None, **facts: Any) -> OutcomeRow:
    return classify(ended(1, instant(0), **facts), bridged=bridged)


def unanswered(code: int | None, *, rang: bool = True, **facts: Any) -> OutcomeRow:
    plain = {"by": "trunk", "answered": False, "verdict": "not_screened"}
    return row_of(**{**plain, "sip_code": code, "rang": rang, **facts})


def test_a_person_who_talked_with_an_operator() -> None:
    for by in ("customer", "desk"):
        row = row_of(by=by, bridged=True)
        assert (row.outcome, row.blame, row.retry) == (Outcome.HUMAN, "none", Ladder.TALKED)
        assert row.live_answer
        assert row.counts


def test_an_unscreened_answer_that_was_bridged_is_a_person() -> None:
    row = row_of(verdict="not_screened", bridged=True)
    assert (row.outcome, row.live_answer) == (Outcome.HUMAN, True)


def test_a_live_answer_nobody_took_in_time() -> None:
    row = row_of(by="gateway", abandoned=True, bridged=False)
    assert (row.outcome, row.blame, row.retry) == (Outcome.ABANDONED, "us", Ladder.ABANDONED)
    assert row.live_answer
    assert row.counts


@pytest.mark.parametrize("by", ["desk", "gateway"])
def test_a_live_answer_that_we_end_is_never_nothing(by: str) -> None:
    assert row_of(by=by, bridged=False).outcome is Outcome.ABANDONED


def test_a_person_who_hung_up_at_once() -> None:
    row = row_of(by="customer", bridged=False)
    assert (row.outcome, row.blame) == (Outcome.HUNG_UP_AT_ONCE, "customer")
    assert row.live_answer


def test_who_hung_up_before_a_verdict_is_not_counted_as_a_live_answer() -> None:
    row = row_of(by="customer", bridged=False, verdict="not_screened")
    assert (row.outcome, row.live_answer, row.counts) == (Outcome.HUNG_UP_AT_ONCE, False, True)


def test_an_uncertain_verdict_is_treated_as_a_person() -> None:
    assert row_of(by="customer", bridged=False, verdict="uncertain").live_answer


@pytest.mark.parametrize(
    ("verdict", "outcome", "blame", "ladder"),
    [
        ("machine", Outcome.MACHINE, "customer", Ladder.MACHINE),
        ("announcement", Outcome.ANNOUNCEMENT, "network", Ladder.ANNOUNCEMENT),
        ("silence", Outcome.SILENCE, "customer", Ladder.SILENCE),
        ("tone", Outcome.TONE, "customer", Ladder.INVALID),
    ],
)
@pytest.mark.parametrize("bridged", [True, False])
def test_what_answered_was_not_a_person(
    verdict: str, outcome: Outcome, blame: str, ladder: Ladder, bridged: bool
) -> None:
    row = row_of(by="gateway", verdict=verdict, bridged=bridged)
    assert (row.outcome, row.blame, row.retry) == (outcome, blame, ladder)
    assert not row.live_answer
    assert row.counts


def test_an_operator_whose_audio_was_lost() -> None:
    row = row_of(by="gateway", seat_lost=True, bridged=True)
    assert (row.outcome, row.blame, row.retry) == (Outcome.SEAT_LOST, "us", Ladder.CALLBACK)
    assert row.live_answer


@pytest.mark.parametrize("code", [486, 600])
def test_busy(code: int) -> None:
    row = unanswered(code)
    assert (row.outcome, row.blame, row.retry) == (Outcome.BUSY, "customer", Ladder.BUSY)


@pytest.mark.parametrize("code", [408, 480, 487])
def test_no_answer(code: int) -> None:
    row = unanswered(code)
    assert (row.outcome, row.blame, row.retry) == (Outcome.NO_ANSWER, "customer", Ladder.NO_ANSWER)


def test_the_ring_limit_of_the_gateway_is_no_answer() -> None:
    assert unanswered(487, by="gateway").outcome is Outcome.NO_ANSWER
    assert unanswered(None, by="gateway").outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("code", [404, 410, 484, 604])
def test_an_invalid_number(code: int) -> None:
    row = unanswered(code, rang=False)
    assert (row.outcome, row.blame, row.retry) == (
        Outcome.INVALID_NUMBER,
        "network",
        Ladder.INVALID,
    )


@pytest.mark.parametrize("code", [403, 433, 603, 607, 608])
def test_rejected(code: int) -> None:
    row = unanswered(code)
    assert (row.outcome, row.blame, row.retry) == (Outcome.REJECTED, "customer", Ladder.REJECTED)


@pytest.mark.parametrize("code", [500, 502, 503, 504, 580])
def test_congestion(code: int) -> None:
    row = unanswered(code, rang=False)
    assert (row.outcome, row.blame) == (Outcome.CONGESTION, "carrier")
    assert row.retry is Ladder.CONGESTION
    assert not row.counts


@pytest.mark.parametrize("code", [None, 408])
def test_a_trunk_that_never_answered_is_no_attempt_on_the_customer(code: int | None) -> None:
    row = unanswered(code, rang=False)
    assert (row.outcome, row.blame, row.counts) == (Outcome.TRUNK_FAILURE, "carrier", False)


@pytest.mark.parametrize("code", [302, 400, 401, 407, 415, 481, 488, 606])
def test_an_invite_the_carrier_did_not_accept(code: int) -> None:
    assert unanswered(code, rang=False).outcome is Outcome.TRUNK_FAILURE


def test_a_call_the_desk_took_back() -> None:
    row = unanswered(487, by="desk")
    assert (row.outcome, row.blame, row.retry) == (Outcome.CANCELLED, "us", Ladder.OURS)


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (1, Outcome.INVALID_NUMBER),
        (17, Outcome.BUSY),
        (18, Outcome.NO_ANSWER),
        (19, Outcome.NO_ANSWER),
        (20, Outcome.NO_ANSWER),
        (21, Outcome.REJECTED),
        (22, Outcome.INVALID_NUMBER),
        (28, Outcome.INVALID_NUMBER),
        (34, Outcome.CONGESTION),
        (38, Outcome.CONGESTION),
        (41, Outcome.CONGESTION),
        (42, Outcome.CONGESTION),
    ],
)
@pytest.mark.parametrize("code", [480, 500, 503])
def test_the_networks_own_cause_is_the_better_witness(
    cause: int, outcome: Outcome, code: int
) -> None:
    assert unanswered(code, q850=cause).outcome is outcome


def test_a_cause_does_not_overrule_a_clear_code() -> None:
    assert unanswered(486, q850=1).outcome is Outcome.BUSY
    assert unanswered(603, q850=17).outcome is Outcome.REJECTED
    assert unanswered(503, q850=127).outcome is Outcome.CONGESTION


@pytest.mark.parametrize("code", [480, 486, 487, 404, 603, 503])
def test_an_attempt_counts_when_it_rang_and_is_released_by_a_final_answer_without_18x(
    code: int,
) -> None:
    assert unanswered(code, rang=True).counts
    assert not unanswered(code, rang=False).counts


def test_what_was_never_placed_or_skipped_never_counts() -> None:
    assert not ROWS[Outcome.NOT_PLACED].counts
    assert not ROWS[Outcome.SKIPPED].counts
    assert ROWS[Outcome.SKIPPED].retry is Ladder.SKIPPED


@pytest.mark.parametrize("code", [480, 487, 408])
def test_the_information_tone_says_what_a_silent_code_does_not(code: int) -> None:
    row = unanswered(code, early_media=outcomes.INFORMATION_TONE)
    assert (row.outcome, row.retry) == (Outcome.ANNOUNCEMENT, Ladder.ANNOUNCEMENT)
    assert row.counts


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(404, Outcome.INVALID_NUMBER), (486, Outcome.BUSY), (503, Outcome.CONGESTION)],
)
def test_a_code_that_says_why_is_not_overruled_by_a_tone(code: int, outcome: Outcome) -> None:
    assert unanswered(code, early_media=outcomes.INFORMATION_TONE).outcome is outcome


@pytest.mark.parametrize("heard", [early_media.SPEECH, "busy tone", "dial tone", ""])
def test_no_other_early_sound_decides_anything(heard: str) -> None:
    assert unanswered(480, early_media=heard).outcome is Outcome.NO_ANSWER


def test_a_call_we_take_back_is_cancelled_whatever_was_heard() -> None:
    row = unanswered(487, by="desk", early_media=outcomes.INFORMATION_TONE)
    assert row.outcome is Outcome.CANCELLED


def test_both_processes_have_one_word_for_the_information_tone() -> None:
    assert outcomes.INFORMATION_TONE == early_media.INFORMATION_TONE


def test_without_the_engines_word_a_live_answer_is_taken_as_bridged() -> None:
    assert row_of().outcome is Outcome.HUMAN
    assert row_of(by="gateway", abandoned=True).outcome is Outcome.ABANDONED
    assert row_of(verdict="machine", by="gateway").outcome is Outcome.MACHINE


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_row_and_its_ladder(outcome: Outcome) -> None:
    assert ROWS[outcome].outcome is outcome
    assert ROWS[outcome].retry in LADDERS


def test_every_ladder_is_described() -> None:
    assert set(LADDERS) == set(Ladder)
