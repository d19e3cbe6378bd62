"""The form by which a lead makes a link for a screen on the wall."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from agent_desk.services.people.wallboards import LONGEST_NAME, MOST_DAYS, Wanted

USUAL_DAYS = 90


class WallboardForm(FlaskForm):
    """Name, which teams and campaigns (none ticked: all in scope), for how many days."""

    name = StringField(
        validators=[
            InputRequired("error.name-needed"),
            Length(max=LONGEST_NAME, message="error.too-long"),
        ]
    )
    teams = SelectMultipleField(coerce=int)
    campaigns = SelectMultipleField(coerce=int)
    days = IntegerField(
        default=USUAL_DAYS,
        validators=[
            InputRequired("error.days-needed"),
            NumberRange(1, MOST_DAYS, message="error.days-needed"),
        ],
    )

    def offer(self, teams: Mapping[int, str], campaigns: Mapping[int, str]) -> None:
        """Which teams and campaigns there are, in scope."""
        self.teams.choices = [SelectChoice(value=key, label=name) for key, name in teams.items()]
        self.campaigns.choices = [
            SelectChoice(value=key, label=name) for key, name in campaigns.items()
        ]

    @property
    def wanted(self) -> Wanted:
        """The link a valid form asks for."""
        return Wanted(
            name=self.name.data or "",
            teams=self.teams.data or None,
            campaigns=self.campaigns.data or None,
            days=self.days.data or 0,
        )
