"""The fields by which a customer is searched for."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length


class SearchForm(FlaskForm):
    """Whatever is filled in must fit; sent in the body, so that nothing typed is in an address."""

    number = StringField(validators=[Length(max=40, message="error.too-long")])
    last4 = StringField(validators=[Length(max=10, message="error.too-long")])
    external_id = StringField(validators=[Length(max=100, message="error.too-long")])
    kana = StringField(validators=[Length(max=100, message="error.too-long")])
    name = StringField(validators=[Length(max=100, message="error.too-long")])
