"""When a saved report is sent, as what and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from agent_desk.services.mailing.due import LAST_DAY, MONTHLY, OFTEN, WEEKDAYS, WEEKLY
from agent_desk.services.mailing.recipients import Recipient
from agent_desk.services.mailing.schedules import MOST_RECIPIENTS
from agent_desk.services.reports.files import EXTENSIONS
from agent_desk.store.reports.schedules import ScheduleRow, Setting


def _choices(values: Iterable[str | int]) -> list[SelectChoice]:
    """Their words are the page's."""
    return [SelectChoice(value=each, label=str(each)) for each in values]


def _of_the_month(form: ScheduleForm, field: IntegerField) -> None:
    """A day there is in some month; whatever else stands there where none is asked for."""
    field.errors = []
    if form.often.data == MONTHLY and field.data not in range(1, LAST_DAY + 1):
        raise StopValidation("error.schedule-day")
    raise StopValidation


class ScheduleForm(FlaskForm):
    """Of the day of the week and the day of the month only that counts which the rhythm has."""

    often = SelectField(choices=_choices(OFTEN))
    weekday = SelectField(coerce=int, choices=_choices(range(WEEKDAYS)), default=0)
    day_of_month = IntegerField(default=1, validators=[_of_the_month])
    time = TimeField(validators=[InputRequired("error.schedule-time")])
    not_on_holidays = BooleanField()
    form = SelectField(choices=_choices(EXTENSIONS))
    recipients = SelectMultipleField(coerce=int)
    base = IntegerField(validators=[Optional()])

    def offer(self, people: Sequence[Recipient]) -> None:
        """Whom one may choose."""
        self.recipients.choices = [
            SelectChoice(value=each.user_id, label=each.name) for each in people
        ]

    def validate_recipients(self, field: SelectMultipleField) -> None:
        if not 1 <= len(field.data or []) <= MOST_RECIPIENTS:
            raise ValidationError("error.schedule-recipients")

    def wanted(self, saved_id: int) -> Setting:
        """What a valid form asks for."""
        assert self.time.data is not None
        often = self.often.data
        return Setting(
            saved_id=saved_id,
            often=often,
            weekday=self.weekday.data if often == WEEKLY else None,
            day_of_month=self.day_of_month.data if often == MONTHLY else None,
            minute=self.time.data.hour * 60 + self.time.data.minute,
            not_on_holidays=bool(self.not_on_holidays.data),
            form=self.form.data,
            recipients=tuple(self.recipients.data or ()),
        )


def values_of(row: ScheduleRow) -> dict[str, Any]:
    """What the form of a schedule shows before anything is typed."""
    return {
        "often": row.often,
        "weekday": row.weekday or 0,
        "day_of_month": row.day_of_month or 1,
        "not_on_holidays": row.not_on_holidays,
        "form": row.form,
        "recipients": list(row.recipients),
        "base": row.version,
    }
