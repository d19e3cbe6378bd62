"""The form by which a number or a person is put on the do-not-call list."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError


class BlockForm(FlaskForm):
    """Either a number or a customer's 顧客番号, the reason, and for what and until when."""

    number = StringField(validators=[Length(max=40, message="error.too-long")])
    customer = StringField(validators=[Length(max=100, message="error.too-long")])
    reason = StringField(
        validators=[
            InputRequired("error.reason-needed"),
            Length(max=64, message="error.too-long"),
        ]
    )

    product = SelectField(coerce=str, default="", validate_choice=False)
    basis = SelectField(coerce=str, default="request", validate_choice=False)
    last_day = DateField(validators=[Optional()])

    def offer(self, products: Sequence[tuple[int, str]], bases: Sequence[str]) -> None:
        """What may be chosen; "" is every product."""
        self.product.choices = [("", ""), *((str(key), name) for key, name in products)]
        self.basis.choices = [(code, code) for code in bases]

    @property
    def product_id(self) -> int | None:
        return int(self.product.data) if self.product.data else None

    def validate_product(self, field: SelectField) -> None:
        if field.data not in dict(field.choices or ()):
            raise ValidationError("error.product-unknown")

    def validate_basis(self, field: SelectField) -> None:
        if field.data not in dict(field.choices or ()):
            raise ValidationError("error.basis-unknown")

    def validate_customer(self, field: StringField) -> None:
        """One of the two, so that nobody wonders which one counted."""
        if bool((field.data or "").strip()) == bool((self.number.data or "").strip()):
            raise ValidationError("error.number-or-customer")
