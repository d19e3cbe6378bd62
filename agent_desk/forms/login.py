"""The log-in form. The field names are part of the outside contract."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    """User name and password; messages come from the catalogue by error id."""

    username = StringField(validators=[InputRequired("error.username-needed"), Length(max=64)])
    password = PasswordField(validators=[InputRequired("error.password-needed"), Length(max=256)])
    next = HiddenField(validators=[Length(max=200)])


class CodeForm(FlaskForm):
    """The code of a second factor, or a recovery code."""

    code = StringField(validators=[Length(max=64)])
    next = HiddenField(validators=[Length(max=200)])
