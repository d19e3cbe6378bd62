"""What the reports on money are asked with; read from the address, so that they can be kept."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import DateField, FloatField, Form, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from agent_desk.forms.reports import LONGEST, ReportForm
from agent_desk.services.reports.what_if import MOST_CALLS_PERCENT, MOST_RATE_POINTS


class ComparisonForm(ReportForm):
    """The period of a report is the one after; this is the one before."""

    before_from = DateField(validators=[InputRequired("error.date-needed")])
    before_to = DateField(validators=[InputRequired("error.date-needed")])

    def validate_before_to(self, field: DateField) -> None:
        """A period of usable length."""
        first = self.before_from.data
        if first is None or field.data is None:
            return
        if field.data < first:
            raise ValidationError("error.dates-reversed")
        if field.data - first > LONGEST:
            raise ValidationError("error.period-too-long")


class WhatIfForm(ReportForm):
    """What is tried; as much as the sliders allow."""

    code = StringField(validators=[Length(max=64)])
    calls_percent = FloatField(
        validators=[
            Optional(),
            NumberRange(-MOST_CALLS_PERCENT, MOST_CALLS_PERCENT, message="error.number-range"),
        ]
    )
    rate_points = FloatField(
        validators=[
            Optional(),
            NumberRange(-MOST_RATE_POINTS, MOST_RATE_POINTS, message="error.number-range"),
        ]
    )


class PlanForm(Form):
    """Which plan of return."""

    plan = SelectField(coerce=str, validate_choice=True)

    def offer(self, plans: Sequence[tuple[int, str]]) -> None:
        """The plans there are; "" stands for none while there is none."""
        self.plan.choices = [(str(key), name) for key, name in plans] or [("", "")]
