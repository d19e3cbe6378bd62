"""The period and campaign of a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from wtforms import DateField, Form, SelectField
from wtforms.validators import InputRequired, ValidationError

LONGEST = timedelta(days=366)


class ReportForm(Form):
    """Read from the address, so that a report can be bookmarked; days are JST, both included."""

    date_from = DateField(name="from", validators=[InputRequired("error.date-needed")])
    date_to = DateField(name="to", validators=[InputRequired("error.date-needed")])
    campaign = SelectField(coerce=str, validate_choice=True)

    def offer_campaigns(self, campaigns: Sequence[tuple[int, str]]) -> None:
        """The campaigns in scope; empty means all of them."""
        self.campaign.choices = [("", "")] + [(str(key), name) for key, name in campaigns]

    @property
    def campaign_id(self) -> int | None:
        return int(self.campaign.data) if self.campaign.data else None

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.date_from.data, self.date_to.data

    def validate_date_to(self, field: DateField) -> None:
        first = self.date_from.data
        if first is None or field.data is None:
            return
        if field.data < first:
            raise ValidationError("error.dates-reversed")
        if field.data - first > LONGEST:
            raise ValidationError("error.period-too-long")
