"""The score sheet: what answers come to, and what a house may make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.listening_audits.sheet import (
    DEFAULTS,
    Criterion,
    checked,
    from_rows,
    judge,
    to_rows,
)

TWO = (
    Criterion("manner", "言葉づかい", "", 10),
    Criterion("identity", "本人確認", "Identity check", 20, knock_out=True),
)


@pytest.mark.parametrize(
    ("manner", "identity", "permille", "knocked_out"),
    [
        ("met", "met", 1000, False),
        ("partly", "met", 833, False),
        ("missed", "met", 667, False),
        ("met", "missed", 0, True),
        ("not_applicable", "met", 1000, False),
        ("partly", "not_applicable", 500, False),
        ("not_applicable", "not_applicable", None, False),
    ],
)
def test_what_answers_come_to(
    manner: str, identity: str, permille: int | None, knocked_out: bool
) -> None:
    judged = judge(TWO, {"manner": manner, "identity": identity})
    assert (judged.permille, judged.knocked_out) == (permille, knocked_out)


@pytest.mark.parametrize("identity", [None, "partly", "splendid"])
def test_every_criterion_is_answered_with_what_it_allows(identity: str | None) -> None:
    answers = {"manner": "met"} | ({"identity": identity} if identity else {})
    with pytest.raises(ServiceError) as refused:
        judge(TWO, answers)
    assert refused.value.error_id == "listening-unanswered"
    assert refused.value.details == {"criteria": "identity"}


def test_ours_are_seven_worth_a_hundred_and_can_be_stored() -> None:
    assert sum(each.points for each in DEFAULTS) == 100
    assert checked(from_rows(to_rows(DEFAULTS)), version=2) == DEFAULTS


def test_new_criteria_get_a_code_of_their_version() -> None:
    made = checked([*TWO, Criterion("", "傾聴", "", 5)], version=4)
    assert [each.code for each in made] == ["manner", "identity", "v4_3"]


@pytest.mark.parametrize(
    ("criteria", "reason"),
    [
        ((), "count"),
        (TWO * 8, "count"),
        ((TWO[0], TWO[0]), "code"),
        ((replace(TWO[0], code="Manner!"),), "code"),
        ((replace(TWO[0], label_ja=""),), "label"),
        ((replace(TWO[0], label_en="x" * 61),), "label"),
        ((replace(TWO[0], points=0),), "points"),
        ((replace(TWO[0], points=101),), "points"),
    ],
)
def test_what_makes_no_sense_is_refused(criteria: tuple[Criterion, ...], reason: str) -> None:
    with pytest.raises(ServiceError) as refused:
        checked(criteria, version=2)
    assert refused.value.details == {"reason": reason}


def test_a_name_is_in_the_readers_language_where_there_is_one() -> None:
    assert [TWO[0].label("en"), TWO[1].label("en"), TWO[1].label("ja")] == [
        *("言葉づかい", "Identity check", "本人確認"),
    ]
