"""R57: numbers that are never dialed, by anybody, for any reason.

Emergency and 1xx services, premium numbers (0570, 0990), abroad, malformed ones. Unassigned mobile
numbers (060-0…, 070-0…, 090-0…: the practice numbers) leave on the practice carrier only.
"""

from __future__ import annotations

import re
from datetime import datetime

from agent_desk.dialer.rules.case import Block, Case

NUMBER_FORMATS = re.compile(
    r"\+81(?:"
    r"[5-9]0[0-9]{8}"  # 050, 060, 070, 080 (0800 is free of charge), 090
    r"|[1-9][1-9][0-9]{7}"  # geographic, 0120; no digit is missing of one of the above
    r")"
)
PREMIUM = re.compile(r"\+81(?:570|990)")
UNASSIGNED_MOBILE = re.compile(r"\+81[679]00")


def never_dialed(case: Case, now: datetime) -> Block | None:
    """R57."""
    number = case.phone.number
    refused = case.phone.unusable or (
        number is not None and not dialable_form(number, practice=case.campaign.practice)
    )
    return Block("R57", None) if refused else None


def dialable_form(number: str, *, practice: bool) -> bool:
    """Whether a number of this form (E.164) may be dialed at all; import and softphone ask too."""
    if not NUMBER_FORMATS.fullmatch(number) or PREMIUM.match(number):
        return False
    return practice or not UNASSIGNED_MOBILE.match(number)
