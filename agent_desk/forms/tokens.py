"""The form by which an administrator makes a token of another system."""

from __future__ import annotations

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from agent_desk.services.api.tokens import LONGEST, LONGEST_NAME, SCOPES, Wanted

USUAL_DAYS = 90


class _Boxes(SelectMultipleField):
    """Several of some, as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class TokenForm(FlaskForm):
    """Name, what for, for whose customers (none ticked: everybody's), for how many days."""

    name = StringField(
        validators=[
            InputRequired("error.name-needed"),
            Length(max=LONGEST_NAME, message="error.too-long"),
        ]
    )
    scopes = _Boxes(
        choices=list(SCOPES),
        validators=[InputRequired("error.scope-needed")],
    )
    teams = _Boxes(coerce=int)
    days = IntegerField(
        default=USUAL_DAYS,
        validators=[
            InputRequired("error.days-needed"),
            NumberRange(1, LONGEST.days, message="error.days-needed"),
        ],
    )

    def offer_teams(self, teams: Mapping[int, str]) -> None:
        """Which teams there are."""
        self.teams.choices = [SelectChoice(value=key, label=name) for key, name in teams.items()]

    @property
    def wanted(self) -> Wanted:
        """The token a valid form asks for."""
        return Wanted(
            name=self.name.data or "",
            scopes=self.scopes.data or (),
            teams=self.teams.data or None,
            days=self.days.data or 0,
        )
