"""Which calls to list."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import InputRequired, Length

SHOWN = ("all", "talked")


class CallsForm(Form):
    """Read from the address; the day is JST. An empty campaign means all in scope."""

    day = DateField(validators=[InputRequired("error.date-needed")])
    campaign = SelectField(coerce=str, validate_choice=True)
    show = SelectField(choices=list(SHOWN), validate_choice=True)
    cursor = StringField(validators=[Length(max=400)])
    call = StringField(validators=[Length(max=32)])  # this one alone

    def offer_campaigns(self, campaigns: Sequence[tuple[int, str]]) -> None:
        """The campaigns in scope."""
        self.campaign.choices = [("", "")] + [(str(key), name) for key, name in campaigns]

    @property
    def campaign_id(self) -> int | None:
        return int(self.campaign.data) if self.campaign.data else None
