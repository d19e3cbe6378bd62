"""How many weeks of audits a report is about."""

from __future__ import annotations

from wtforms import Form, SelectField


class WeeksForm(Form):
    """Read from the address."""

    weeks = SelectField(coerce=str, validate_choice=True)
