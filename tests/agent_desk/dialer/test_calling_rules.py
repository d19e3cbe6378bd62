"""The table of the rules of calling: what it names, what holds whatever is set or lifted."""

from __future__ import annotations

import re
import tokenize
from dataclasses import fields, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from agent_desk.dialer import calling_rules
from agent_desk.dialer.calling_rules import FOR_GOOD, RULE_SET_VERSION, RULES
from agent_desk.dialer.rules.facts import (
    LIMITS,
    CampaignRules,
    ContactWish,
    Hold,
    Ledger,
    Lift,
    PhoneFacts,
    Verdict,
)
from agent_desk.dialer.rules.lifting import LIFTABLE
from tests.agent_desk.dialer.rules.cases import (
    FAR,
    NOON,
    PERSON,
    PHONE,
    clock,
    judge,
    lift,
    past,
    tries,
)

# Every rule of the table, blocked by one thing each.
NIGHT = clock("21:30")
AMERICAN = CampaignRules("collections", reg_f=True, pacing="overdial")
ONE_OF_EACH = {
    "R57": {"phone": PhoneFacts("110")},
    "DNC": {"phone": replace(PHONE, do_not_call=True)},
    "R36": {"customer": replace(PERSON, holds=(Hold("lawyer_notice"),))},
    "R38": {"campaign": CampaignRules("sales"), "customer": replace(PERSON, refused=True)},
    "R38-REVIEW": {
        "campaign": CampaignRules("sales"),
        "ledger": past(clock("10:00", 10), clock("10:00", 11), hung_up=True),
    },
    "R54": {"customer": replace(PERSON, owes=False)},
    "R34": {"phone": replace(PHONE, workplace=True)},
    "R60": {"customer": replace(PERSON, holds=(Hold("complaint", FAR),))},
    "R06": {"customer": replace(PERSON, area_hold_until=FAR)},
    "A33": {"campaign": AMERICAN, "customer": replace(PERSON, vip=True)},
    "R05": {"now": clock("12:00", 1, 1)},
    "R01": {"now": NIGHT},
    "R03": {"now": NIGHT, "campaign": CampaignRules("dormant")},
    "R04": {"now": NIGHT, "campaign": CampaignRules("survey")},
    "R02": {"customer": replace(PERSON, wish=ContactWish(13 * 60))},
    "R10": {"now": clock("19:00"), "ledger": past(clock("09:00"), clock("10:00"))},
    "R55": {"now": clock("19:00"), "ledger": Ledger(number=past(NOON, NOON).number)},
    "R55-BUSY": {"ledger": Ledger(person=tries(clock("11:00"), open_=True))},
    "R11": {"ledger": past(*(clock("09:00", day) for day in (6, 7, 8, 9, 10, 11, 11)))},
    "R14": {
        "campaign": CampaignRules("sales"),
        "ledger": past(*(clock("09:00", day) for day in (6, 7, 8))),
    },
    "R15": {"campaign": AMERICAN, "ledger": past(clock("09:00", 11), talked=True)},
    "R12": {"ledger": past(clock("10:00"))},
    "R13": {"ledger": Ledger(number=tries(NOON, NOON, NOON, counts=False))},
    "R13-GAP": {"ledger": past(clock("11:50"))},
    "R22": {"campaign": AMERICAN, "ledger": past(clock("09:00", 11), abandoned=True)},
}


def test_each_row_of_the_table_has_a_sample() -> None:
    named = {row.rule for row in RULES}
    assert len(named) == len(RULES) == 22
    assert set(LIFTABLE) | FOR_GOOD <= set(ONE_OF_EACH)


@pytest.mark.parametrize("rule_id", ONE_OF_EACH)
def test_each_rule_forbids_its_sample_and_allows_the_ordinary_case(rule_id: str) -> None:
    sample = ONE_OF_EACH[rule_id]
    assert rule_id in judge(**sample).rule_ids  # type: ignore[arg-type]
    campaign = sample.get("campaign", CampaignRules("collections"))
    assert judge(NOON, campaign) == Verdict(True)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule_id", sorted(FOR_GOOD))
def test_what_is_for_good_has_no_next_instant(rule_id: str) -> None:
    assert judge(**ONE_OF_EACH[rule_id]) == Verdict(False, (rule_id,), None)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule_id", sorted(set(ONE_OF_EACH) - set(LIFTABLE)))
def test_what_no_override_may_lift_none_lifts(rule_id: str) -> None:
    sample = dict(ONE_OF_EACH[rule_id])
    lifts = tuple(Lift(each, FAR) for each in ONE_OF_EACH)
    sample["customer"] = replace(sample.get("customer", PERSON), lifts=lifts)  # type: ignore[type-var]
    campaign = sample.get("campaign", CampaignRules("collections"))
    sample["campaign"] = replace(campaign, lifts=lifts)  # type: ignore[type-var]
    assert judge(**sample).rule_ids == (rule_id,)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule_id", sorted(LIFTABLE))
def test_an_override_lifts_one_rule_where_the_table_says_and_until_its_end(rule_id: str) -> None:
    sample = dict(ONE_OF_EACH[rule_id])
    now, row = sample.get("now", NOON), LIFTABLE[rule_id]
    others = {"R12", "R13-GAP"} - {rule_id}  # a recent attempt is blocked by several
    campaign = sample.pop("campaign", CampaignRules("collections"))
    customer = sample.pop("customer", PERSON)
    channels = ("auto", "preview", "manual", "ivr", "ai", "sms")
    for subject in ("person", "campaign"):
        for channel in channels:
            for end, in_force in ((now, False), (FAR, True)):
                lifts = (Lift(rule_id, end),)  # type: ignore[arg-type]
                person = replace(customer, lifts=lifts if subject == "person" else ())  # type: ignore[type-var]
                rules = replace(
                    campaign,  # type: ignore[type-var]
                    channel=channel,
                    lifts=lifts if subject == "campaign" else (),
                )
                verdict = judge(campaign=rules, customer=person, **sample)  # type: ignore[arg-type]
                works = in_force and channel in row.channels and subject in row.subjects
                assert (verdict.lifted == (rule_id,)) is works
                assert (rule_id in verdict.rule_ids) is not works
                assert set(verdict.rule_ids) <= others | {rule_id}


def test_a_lift_for_calls_by_hand_is_none_for_others() -> None:
    wish = replace(lift("R02", manual_only=True), wish=ContactWish(13 * 60))
    assert judge(customer=wish).rule_ids == ("R02",)
    by_hand = CampaignRules("collections", channel="manual")
    assert judge(NOON, by_hand, customer=wish).lifted == ("R02",)


def test_every_rule_that_forbids_is_named() -> None:
    night = judge(
        clock("21:31"),
        ledger=Ledger(person=tries(clock("21:00"), clock("21:30"))),
        customer=replace(PERSON, do_not_call=True),
        phone=PhoneFacts("110"),
    )
    assert night.rule_ids == ("R57", "DNC", "R01", "R10", "R12", "R13-GAP")
    assert night.next_allowed_at is None


# --- settings ---------------------------------------------------------


@pytest.mark.parametrize("name", LIMITS)
def test_a_campaign_outside_the_limits_cannot_exist(name: str) -> None:
    limit = LIMITS[name]
    small = timedelta(seconds=1) if name == "min_gap" else 1
    if limit.low is not None:
        below = CampaignRules("sales", **{name: limit.low - small})
        assert getattr(below, name) == limit.low
    if limit.high is not None:
        above = CampaignRules("sales", **{name: limit.high + small})
        assert getattr(replace(above, kind="survey"), name) == limit.high


@pytest.mark.parametrize(
    "setting",
    [
        {"kind": "charity"},
        {"open_minute": -1},
        {"close_minute": 1441},
        {"ring_limit_s": 0.0},
        {"ring_limit_s": float("nan")},
        {"daily_cap": 0},
        {"weekly_caps": {"d1_30": -1}},
        {"weekly_caps": {"d500": 1}},
        {"spacing": -timedelta(hours=1)},
        {"grace_days": -1},
        {"total_cap": 0},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, object]) -> None:
    (name,) = setting
    assert name in {field.name for field in fields(CampaignRules)}
    with pytest.raises(ValueError, match=name):
        CampaignRules(**{"kind": "sales", **setting})  # type: ignore[arg-type]


def test_what_a_campaign_was_made_with_cannot_be_changed_behind_it() -> None:
    caps = {"d91": 7}
    campaign = CampaignRules("collections", weekly_caps=caps, closed_days=frozenset({date.max}))
    caps["d91"] = 99
    assert campaign.weekly_caps["d91"] == 7
    with pytest.raises(TypeError):
        campaign.weekly_caps["d91"] = 99  # type: ignore[index]


def test_who_changes_a_rule_changes_the_version_that_verdicts_are_kept_with() -> None:
    """Version 4 knows a campaign's own cap a week."""
    room = Path(calling_rules.__file__).parent
    judged_by = [room / "business_time.py", room / "calling_rules.py", *(room / "rules").iterdir()]
    code = "".join(_code(path) for path in sorted(judged_by) if path.suffix == ".py")
    digest = sha256(code.encode()).hexdigest()[:12]
    assert {RULE_SET_VERSION: digest} == {"4": "cc11bf26afea"}


def _code(path: Path) -> str:
    """What a module does: its words without comments, docstrings and spaces."""
    words, begins = [], True
    with tokenize.open(path) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type in (tokenize.COMMENT, tokenize.NL):
                continue
            if not (begins and token.type == tokenize.STRING):
                words.append(_DEPTH.get(token.type, token.string))
            begins = token.type in (tokenize.NEWLINE, *_DEPTH)
    return re.sub(r"\s", "", "".join(words))


_DEPTH = {tokenize.INDENT: "{", tokenize.DEDENT: "}"}
