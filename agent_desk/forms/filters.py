"""What the pages of filters, lists and valid calls send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional


def definition_of(form: Mapping[str, str]) -> Any:
    """The filter the builder wrote; None for what is no JSON."""
    try:
        return json.loads(form.get("definition", ""))
    except ValueError:
        return None


class FollowForm(FlaskForm):
    """A list that follows a filter: its name, whose product, and whether it is called at once."""

    list = StringField(validators=[InputRequired(), Length(max=100)])
    campaign = IntegerField(validators=[InputRequired()])
    attach = BooleanField()


class ListForm(FlaskForm):
    """How a list is run. An empty share is none."""

    priority = IntegerField(validators=[InputRequired(), NumberRange(0, 9)])
    mix = IntegerField(validators=[Optional(), NumberRange(1, 100)])
    paused = BooleanField()


class ValidCallForm(FlaskForm):
    """What makes a call valid."""

    statuses = SelectMultipleField(choices=[], validate_choice=False)
    talk_s = IntegerField(validators=[Optional(), NumberRange(0, 3600)])
    identity = BooleanField()
    also_past = BooleanField()
