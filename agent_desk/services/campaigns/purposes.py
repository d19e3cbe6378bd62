"""What campaigns are for, and how each is advised to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_desk.dialer.cooling_off import LEGAL_DAYS
from agent_desk.dialer.promises import USUAL_COUNTS
from agent_desk.services.campaigns.settings import Settings
from agent_desk.services.rules.settings import BOUNDS as RULE_BOUNDS
from agent_desk.store.campaigns.versions import TAKEN_OVER


@dataclass(frozen=True)
class Purpose:
    """What a campaign is for, and how it is set when nobody says otherwise."""

    kind: str
    advice: tuple[str, ...]  # of the catalogue: `purpose.<advice>`
    settings: Settings = field(default_factory=dict)


_USUAL: Settings = {
    "mode": "progressive",
    "ratio": 1.0,
    "abandon_target": 0.01,
    "ring_limit_s": 25,
    "screening": "strict",
    "daily_cap": 2,
    "min_gap_minutes": 120,
    "max_tries": 6,
    "recording": True,
    "closed_on_holidays": True,
    "weekdays": [0, 1, 2, 3, 4],
    "scheduled": True,
    "start_minute": 540,
    "end_minute": 1200,
    "first_on": None,
    "last_on": None,
    "window_start_minute": 540,
    "window_end_minute": 1200,
    "wrap_up_policy": "extendable",
    "wrap_up_s": 60,
    "wrap_up_extension_s": 30,
    "wrap_up_extensions": 2,
    "after_wrap_up": "available",
    "survey_share": 0,
    "survey_wait_s": 6,
    "loud_dbfs": -12,
    "supervision_tone": False,
    "supervision_shown": True,
    "caller_id": "",
    "local_caller_ids": [],
    **dict.fromkeys(RULE_BOUNDS),
    "reg_f": False,
    **dict.fromkeys(TAKEN_OVER),
    "identity_needed": False,
    "identity_factors": ["birth_date"],
    "identity_tries": 3,
    "promise_max_days": 31,
    "instalment_counts": list(USUAL_COUNTS),
    "cooling_off_days": LEGAL_DAYS,
    "recording_years": None,
    "talk_limit_s": None,
    "lists": [],
    "skills": [],
    "tariff_id": None,
}
# 督促: people are reached before and after work, and nobody's record may be left unwritten.
# 電話営業: decision makers are at their desks between ten and five. アンケート: evenings and
# weekends, short calls. 休眠: old customers, one at a time, seen before they are called.
PURPOSES: Mapping[str, Purpose] = {
    "collections": Purpose(
        "collections",
        ("collections_hours", "collections_identity", "collections_caps", "collections_wrap_up"),
        {
            **_USUAL,
            "weekdays": [0, 1, 2, 3, 4, 5],
            "after_wrap_up": "away",
            "identity_needed": True,
        },
    ),
    "sales": Purpose(
        "sales",
        ("sales_hours", "sales_refusal", "sales_wrap_up"),
        {**_USUAL, "start_minute": 600, "end_minute": 1020, "wrap_up_s": 45},
    ),
    "survey": Purpose(
        "survey",
        ("survey_hours", "survey_short"),
        {
            **_USUAL,
            "weekdays": [0, 1, 2, 3, 4, 5],
            "start_minute": 660,
            "end_minute": 1200,
            "daily_cap": 1,
            "max_tries": 3,
            "wrap_up_policy": "optional",
            "wrap_up_s": 15,
        },
    ),
    "dormant": Purpose(
        "dormant",
        ("dormant_preview", "dormant_rest"),
        {
            **_USUAL,
            "mode": "preview",
            "start_minute": 600,
            "end_minute": 1140,
            "daily_cap": 1,
            "max_tries": 3,
            "wrap_up_s": 90,
        },
    ),
}
