"""What the reports on the day's work are asked with; read from the address, so that they can be
kept."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import DateField, Form, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from agent_desk.forms.reports import ReportForm
from agent_desk.services.reports.dialer_figures import AXES
from agent_desk.services.reports.promises_kept import BYS, SHARES
from agent_desk.services.reports.satisfaction import SCALE
from agent_desk.services.reports.satisfaction_report import STEPS
from agent_desk.services.reports.timeline_report import MOST_MINUTES

Choices = Sequence[tuple[int, str]]


def _or_all(choices: Choices) -> list[tuple[str, str]]:
    return [("", ""), *((str(key), name) for key, name in choices)]


class TimelineForm(Form):
    """A day, perhaps a person, and from when on a call is a long one."""

    day = DateField(validators=[InputRequired("error.date-needed")])
    person = SelectField(coerce=str, validate_choice=True)
    limit = IntegerField(
        validators=[Optional(), NumberRange(1, MOST_MINUTES, message="error.number-range")]
    )

    def offer(self, people: Choices) -> None:
        """Whom one may ask for; "" is everybody."""
        self.person.choices = _or_all(people)


class PromisesForm(ReportForm):
    """A period of due dates, whose promises, and how they are summed."""

    operator = SelectField(coerce=str, validate_choice=True)
    product = SelectField(coerce=str, validate_choice=True)
    by = SelectField(choices=list(BYS))
    share = SelectField(choices=[str(share) for share in SHARES])

    def offer(self, people: Choices, products: Choices) -> None:
        """Whose and of what; "" is everybody's and of everything."""
        self.operator.choices = _or_all(people)
        self.product.choices = _or_all(products)


class SatisfactionForm(ReportForm):
    """A period of scores, whose, by which steps its trend is, and which calls are named."""

    operator = SelectField(coerce=str, validate_choice=True)
    by = SelectField(choices=list(STEPS))
    score = SelectField(choices=["", *map(str, SCALE)])

    def offer(self, people: Choices) -> None:
        """Whose; "" is everybody's."""
        self.operator.choices = _or_all(people)


class DialerForm(ReportForm):
    """A period, and by what its rows are."""

    by = SelectField(choices=list(AXES))
    also = SelectField(name="and", choices=["", *AXES])
