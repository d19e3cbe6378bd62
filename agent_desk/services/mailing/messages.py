"""The mail around a report: in the recipient's language, with the file the report's page gives.

Nothing that was typed can add a line to the head: the standard library refuses it, and encodes
what is not ASCII (RFC 2047; the file's name by RFC 2231).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from agent_desk.catalogue import dated, translate
from agent_desk.services.reports.files import CSV_CP932, CSV_UTF8, EXTENSIONS, XLSX
from agent_desk.services.reports.pages import stamp

# What no file system takes, and what would hide how a name ends.
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]')
_TYPES: Mapping[str, tuple[str, str, dict[str, str]]] = {
    CSV_UTF8: ("text", "csv", {"charset": "utf-8"}),
    CSV_CP932: ("text", "csv", {"charset": "shift_jis"}),
    XLSX: ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet", {}),
}


@dataclass(frozen=True)
class Letter:
    """What a mail says. `days`: first and last of the period, None where there are none."""

    sender: str
    address: str
    message_id: str
    sent_at: datetime  # real time
    locale: str
    name: str
    page: str
    owner: str
    days: tuple[date, date] | None
    all_teams: bool
    as_of: datetime
    form: str
    replaced: int = 0  # characters the file's encoding has no place for


def written(letter: Letter, file: bytes) -> EmailMessage:
    """The mail, ready to be handed in."""
    message = EmailMessage(policy=SMTP)
    message["From"] = letter.sender
    message["To"] = letter.address
    message["Subject"] = subject(letter)
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    message.set_content(body(letter))
    main, sub, params = _TYPES[letter.form]
    message.add_attachment(
        file, maintype=main, subtype=sub, params=params, filename=file_name(letter)
    )
    return message


def subject(letter: Letter) -> str:
    """Whose figures, and of which days."""
    if letter.days is None:
        return _t(letter, "mail.subject_plain", name=letter.name)
    return _t(letter, "mail.subject", name=letter.name, days=_days(letter))


def body(letter: Letter) -> str:
    """What the file holds and what it does not."""
    scope = "mail.scope_all" if letter.all_teams else "mail.scope_teams"
    lines = [_t(letter, "mail.opening", name=letter.name), ""]
    lines.append(_t(letter, "mail.report", report=_t(letter, f"reports.{letter.page}")))
    if letter.days is not None:
        lines.append(_t(letter, "mail.period", days=_days(letter)))
    lines.append(_t(letter, "mail.as_of", instant=stamp(letter.as_of)))
    lines += [_t(letter, scope), ""]
    if letter.replaced:
        lines += [_t(letter, "mail.replaced", count=letter.replaced), ""]
    lines += [_t(letter, "mail.from_schedule", owner=letter.owner), _t(letter, "mail.no_answer")]
    return "\n".join(lines) + "\n"


def file_name(letter: Letter) -> str:
    """The report's own name and its days."""
    days = [] if letter.days is None else [f"{day:%Y%m%d}" for day in letter.days]
    stem = _NOT_IN_NAMES.sub("_", letter.name).strip(" .") or letter.page
    return "_".join((stem, *days)) + f".{EXTENSIONS[letter.form]}"


def _days(letter: Letter) -> str:
    assert letter.days is not None
    first, last = (dated(day, locale=letter.locale) for day in letter.days)
    return first if first == last else _t(letter, "mail.days", first=first, last=last)


def _t(letter: Letter, string_id: str, **values: object) -> str:
    return translate(string_id, locale=letter.locale, **values)
