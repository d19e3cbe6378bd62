"""The form by which a file of customers is uploaded, from the page and through the API alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

SPREADSHEETS = frozenset({".xls", ".xlsx", ".xlsm", ".ods", ".numbers"})
FORBIDDEN = frozenset('\\/:*?"<>|')


class ImportForm(FlaskForm):
    """File, list, campaign, and where the data comes from and why it may be used (rule R58)."""

    file = FileField(validators=[FileRequired("error.file-needed")])
    list = StringField(
        validators=[InputRequired("error.list-needed"), Length(max=100, message="error.too-long")]
    )
    campaign = SelectField(coerce=str, validate_choice=False)
    source = StringField(
        validators=[InputRequired("error.source-needed"), Length(max=100, message="error.too-long")]
    )
    basis = StringField(
        validators=[InputRequired("error.basis-needed"), Length(max=500, message="error.too-long")]
    )

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

    def validate_file(self, field: FileField) -> None:
        if Path(field.data.filename or "").suffix.lower() in SPREADSHEETS:
            raise ValidationError("error.import-spreadsheet")

    def validate_list(self, field: StringField) -> None:
        field.data = (field.data or "").strip()
        if not field.data:
            raise ValidationError("error.list-needed")

    @property
    def first_error(self) -> str:
        """One error id, for answers that are not a page."""
        return str(next(iter(self.errors.values()))[0]).removeprefix("error.")
