"""The form by which a number or a person is put on the do-not-call list."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length, ValidationError


class BlockForm(FlaskForm):
    """Either a number or a customer's 顧客番号, and the reason."""

    number = StringField(validators=[Length(max=40, message="error.too-long")])
    customer = StringField(validators=[Length(max=100, message="error.too-long")])
    reason = StringField(
        validators=[
            InputRequired("error.reason-needed"),
            Length(max=64, message="error.too-long"),
        ]
    )

    def validate_customer(self, field: StringField) -> None:
        """One of the two, so that nobody wonders which one counted."""
        if bool((field.data or "").strip()) == bool((self.number.data or "").strip()):
            raise ValidationError("error.number-or-customer")
