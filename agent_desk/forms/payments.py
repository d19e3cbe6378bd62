"""The form by which payments are entered from a file."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from agent_desk.services.rules.payments import LONGEST_ID


class PaymentFileForm(FlaskForm):
    """A CSV file, and where its payment ids come from: together they name each payment."""

    file = FileField(validators=[FileRequired("error.file-needed")])
    source = StringField(
        default="bank",
        validators=[
            InputRequired("error.source-needed"),
            Length(max=LONGEST_ID, message="error.too-long"),
        ],
    )
