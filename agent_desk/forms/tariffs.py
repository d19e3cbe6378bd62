"""The forms of tariffs: a new one, its next version, and what a month is worked out for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, Form, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from agent_desk.dialer.charges import BASES, KINDS, SEN, Rate, Terms, Version
from agent_desk.services.campaigns.tariffs import LONGEST_NAME, MOST_UNIT_S, MOST_YEN
from agent_desk.services.reports.bills import MOST_HEADS, HeadsWanted

_NEEDED = InputRequired("error.number-needed")
_YEN = [_NEEDED, NumberRange(0, MOST_YEN, message="error.number-range")]
_UNIT = [_NEEDED, NumberRange(1, MOST_UNIT_S, message="error.number-range")]
_PRICE = [_NEEDED, NumberRange(0, 100_000, message="error.number-range")]


class VersionForm(FlaskForm):
    """Terms and the day they begin. Prices are yen with at most two decimals."""

    from_on = DateField(validators=[InputRequired("error.date-needed")])
    kind = SelectField(choices=list(KINDS), default="metered")
    basic_yen = IntegerField(default=0, validators=_YEN)
    seat_yen = IntegerField(default=0, validators=_YEN)
    billed_by = SelectField(choices=list(BASES), default="booth")
    fixed_yen = DecimalField(places=None, validators=_PRICE)
    fixed_unit_s = IntegerField(default=180, validators=_UNIT)
    mobile_yen = DecimalField(places=None, validators=_PRICE)
    mobile_unit_s = IntegerField(default=60, validators=_UNIT)
    included_s = IntegerField(
        default=0,
        validators=[_NEEDED, NumberRange(0, MOST_UNIT_S, message="error.number-range")],
    )

    def validate_fixed_yen(self, field: DecimalField) -> None:
        """No price is finer than a hundredth of a yen."""
        _check_price(field)

    def validate_mobile_yen(self, field: DecimalField) -> None:
        """As above."""
        _check_price(field)

    @property
    def version(self) -> Version:
        """What was filled in; only after it was validated."""
        terms = Terms(
            kind=self.kind.data,
            fixed=Rate(_sen(self.fixed_yen.data), self.fixed_unit_s.data),
            mobile=Rate(_sen(self.mobile_yen.data), self.mobile_unit_s.data),
            basic_yen=self.basic_yen.data,
            seat_yen=self.seat_yen.data,
            billed_by=self.billed_by.data,
            included_s=self.included_s.data,
        )
        return Version(self.from_on.data, terms)


class TariffForm(VersionForm):
    """A new tariff with its first version."""

    name = StringField(
        validators=[
            InputRequired("error.name-needed"),
            Length(max=LONGEST_NAME, message="error.too-long"),
        ]
    )


class MonthForm(Form):
    """Read from the address: a month, and numbers to try other than those counted."""

    month = StringField(validators=[Length(max=7)])
    terminal = IntegerField(validators=[Optional(), NumberRange(0, MOST_HEADS)])
    booth = IntegerField(validators=[Optional(), NumberRange(0, MOST_HEADS)])
    id = IntegerField(validators=[Optional(), NumberRange(0, MOST_HEADS)])

    def validate_month(self, field: StringField) -> None:
        """A year and a month, as a browser's month field says them."""
        try:
            _ = self.first_day
        except ValueError:
            raise ValidationError("error.date-needed") from None

    @property
    def first_day(self) -> date | None:
        """The month asked for; None: this one."""
        return date.fromisoformat(f"{self.month.data}-01") if self.month.data else None

    @property
    def wanted(self) -> HeadsWanted:
        """The numbers asked for."""
        return HeadsWanted(self.terminal.data, self.booth.data, self.id.data)


def _sen(yen: Decimal) -> int:
    return int(yen * SEN)


def _check_price(field: DecimalField) -> None:
    price = field.data  # None: no number, as another validator has told
    # NaN and infinity are decimals too.
    if price is not None and (not price.is_finite() or price * SEN != int(price * SEN)):
        raise ValidationError("error.price-too-fine")
