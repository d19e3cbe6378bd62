"""The forms of an import: a file for a list, and where the data comes from (rule R58)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

FORBIDDEN = frozenset('\\/:*?"<>|')
TOO_LONG = "error.too-long"


class UploadForm(FlaskForm):
    """A file, the list it fills and the campaign that calls it."""

    file = FileField(validators=[FileRequired("error.file-needed")])
    list = StringField(
        validators=[InputRequired("error.list-needed"), Length(max=100, message=TOO_LONG)]
    )
    campaign = SelectField(coerce=str, validate_choice=False)

    def offer_campaigns(self, campaigns: Sequence[tuple[int, str]]) -> None:
        """The campaigns whose lists this person runs."""
        self.campaign.choices = [(str(key), name) for key, name in campaigns]

    @property
    def campaign_id(self) -> int:
        return int(self.campaign.data)

    @property
    def file_name(self) -> str:
        """The name the file had over there, without what has a meaning in a path."""
        kept = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in self.file.data.filename)
        return kept[-200:]

    def validate_campaign(self, field: SelectField) -> None:
        if field.data not in dict(field.choices or ()):
            raise ValidationError("error.campaign-needed")

    def validate_list(self, field: StringField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError("error.list-needed")

    @property
    def first_error(self) -> str:
        """One error id, for answers that are not a page."""
        return str(next(iter(self.errors.values()))[0]).removeprefix("error.")


class ImportForm(UploadForm):
    """The whole import in one go, as other systems ask for it."""

    source = StringField(
        validators=[InputRequired("error.source-needed"), Length(max=100, message=TOO_LONG)]
    )
    basis = StringField(
        validators=[InputRequired("error.basis-needed"), Length(max=500, message=TOO_LONG)]
    )


class ProvenanceForm(FlaskForm):
    """Where the data comes from, since when it is here, why the people may be called."""

    source = StringField(
        validators=[InputRequired("error.source-needed"), Length(max=100, message=TOO_LONG)]
    )
    obtained_on = DateField(validators=[InputRequired("error.obtained-needed")])
    basis = StringField(
        validators=[InputRequired("error.basis-needed"), Length(max=500, message=TOO_LONG)]
    )
    scope = SelectField(choices=["product", "system", "list"], default="product")

    def __init__(self, today: date, **values: Any) -> None:
        super().__init__(**values)
        self._today = today

    def validate_source(self, field: StringField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError("error.source-needed")

    def validate_basis(self, field: StringField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError("error.basis-needed")

    def validate_obtained_on(self, field: DateField) -> None:
        if field.data is None:
            raise ValidationError("error.obtained-needed")
        if field.data > self._today:
            raise ValidationError("error.obtained-later")
