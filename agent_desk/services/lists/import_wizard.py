"""The steps before an import runs: file, columns, check, provenance.

    reading → mapping → checking → confirming → queued
    (worker)  (person)  (worker)   (person)     (worker)

The step a batch is at, what was chosen and what was found are columns of its row, so a reload, a
restart of the desk or of the worker finds the wizard where it was. What the wizard shows of the
file is kept sealed and goes when the import begins; a wizard nobody comes back to is ended, and
its file removed, after a week.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agent_desk.dialer.business_time import business_date
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import import_columns, text_tables
from agent_desk.services.lists.import_files import FileShape
from agent_desk.services.lists.import_ground import (
    ImportGround,
    Provenance,
    Upload,
    make_list,
    queue,
)
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lists import batches as import_batches
from agent_desk.store.lists import templates
from agent_desk.store.lists.batches import BatchRow
from agent_desk.store.lists.matching import SCOPES
from agent_desk.store.lists.templates import TemplateRow
from agent_desk.store.unit_of_work import Session

KEPT_FOR = timedelta(days=7)
OPEN = ("reading", "mapping", "checking", "confirming")
SHOWN_ROWS = 50
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Choice:
    """What a person said of the columns; a name saves it as a template of the product."""

    mapping: Sequence[str]
    template: str = ""


class ImportWizard:
    """Moves batches from step to step; ServiceError import-step when one is at another."""

    def __init__(self, ground: ImportGround) -> None:
        self._ground = ground

    # --- a person ------------------------------------------------------------------------------

    def begin(self, upload: Upload) -> int:
        """Keep a file and have its head looked at; the batch's id.

        ServiceError: import-too-large, import-empty, not-in-scope, list-in-use, not-stored.
        """
        ground = self._ground
        ground.check_list(upload.campaign_id, upload.list_name)
        kept = ground.keep(upload.data)
        now = ground.clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            batch_id = import_batches.create(
                session,
                at=now,
                state="reading",
                list_name=upload.list_name,
                campaign_id=upload.campaign_id,
                file_name=upload.file_name,
                path=str(kept.path),
                sha256=kept.sha256,
                user_id=upload.user_id,
            )
            queue(session, batch_id, "reading", now)
            details = {"campaign": upload.campaign_id, "sha256": kept.sha256}
            ground.note(session, upload.actor, "list.import.uploaded", batch_id, **details)
            made[:] = [batch_id]

        try:
            ground.write(rows)
        except ServiceError:
            kept.path.unlink(missing_ok=True)
            raise
        return made[0]

    def sample(self, batch_id: int) -> dict[str, Any]:
        """Rows the wizard shows: `rows` as in the file, `normal` as they would be taken."""
        with self._ground.database.read() as session:
            return import_batches.sample(session, self._ground.sealer, batch_id)

    def templates(self, campaign_id: int | None) -> list[TemplateRow]:
        """The templates of the campaign's product, by name."""
        with self._ground.database.read() as session:
            product_id = campaigns.product_of(session, campaign_id or 0)
            return [] if product_id is None else templates.of_product(session, product_id)

    def sources(self) -> list[str]:
        """Sources that were named before: one spelling keeps customers' numbers together."""
        with self._ground.database.read() as session:
            return templates.sources(session)

    def read_again(
        self, batch_id: int, *, encoding: str | None, delimiter: str | None, sheet: str | None
    ) -> None:
        """Read the file as the person says; ServiceError bad-payload, import-sheet-unknown."""
        batch = self._ground.batch(batch_id)
        if batch.format == "workbook":
            if sheet not in batch.sheets:
                raise ServiceError("import-sheet-unknown")
            chosen: dict[str, Any] = {"sheet": sheet}
        else:
            known = encoding in text_tables.ENCODINGS and delimiter in text_tables.DELIMITERS
            if not known:
                raise ServiceError("bad-payload", reason="encoding")
            chosen = {"encoding": encoding, "delimiter": delimiter}
        self._ground.move(
            batch_id, import_batches.WAITING, state="reading", mapping=None, findings=None, **chosen
        )

    def apply_template(self, batch_id: int, template_id: int) -> None:
        """Map the columns as a template of the product does; ServiceError template-unknown."""
        batch = self._ground.batch(batch_id)
        found = [each for each in self.templates(batch.campaign_id) if each.id == template_id]
        if not found:
            raise ServiceError("template-unknown")
        mapping = import_columns.apply(found[0].columns, batch.header)
        self._ground.move(batch_id, ("mapping",), state="mapping", mapping=mapping)

    def remove_template(self, batch_id: int, template_id: int, *, actor: str) -> None:
        """Forget a template of the import's product; ServiceError template-unknown."""
        ground, now = self._ground, self._ground.clock.now()
        batch = ground.batch(batch_id)
        if template_id not in {each.id for each in self.templates(batch.campaign_id)}:
            raise ServiceError("template-unknown")

        def rows(session: Session) -> None:
            product_id = campaigns.product_of(session, batch.campaign_id or 0) or 0
            templates.remove(session, product_id, template_id)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="list.import.template.removed",
                subject=f"import-template:{template_id}",
                details={"product": product_id},
            )

        ground.write(rows)

    def choose(self, batch_id: int, choice: Choice, *, actor: str) -> None:
        """Have the whole file checked with these columns; ServiceError import-mapping."""
        ground = self._ground
        batch = ground.batch(batch_id)
        mapping = import_columns.check(choice.mapping, batch.header)
        ground.move(batch_id, ("mapping",), state="checking", mapping=mapping, findings=None)
        if choice.template:
            self._save_template(batch, choice, actor)

    def back(self, batch_id: int) -> None:
        """To the columns again."""
        self._ground.move(batch_id, ("confirming",), state="mapping")

    def start(self, batch_id: int, provenance: Provenance, *, scope: str, actor: str) -> None:
        """Let it run; ServiceError import-running, bad-payload, list-in-use, not-stored.

        One import at a time fills a list: two would each think the other's people new.
        """
        ground = self._ground
        today = business_date(ground.clock.now())
        if scope not in SCOPES or provenance.obtained_on is None:
            raise ServiceError("bad-payload", reason="scope")
        if provenance.obtained_on > today:
            raise ServiceError("obtained-later")
        batch = ground.batch(batch_id)
        ground.check_list(batch.campaign_id or 0, batch.list_name)
        now = ground.clock.now()
        refused: list[str] = []

        def rows(session: Session) -> None:
            refused.clear()
            if import_batches.running_into(session, batch.list_name) is not None:
                refused.append("import-running")
                return
            values = {
                "source": provenance.source,
                "lawful_basis": provenance.lawful_basis,
                "obtained_on": provenance.obtained_on,
                "scope": scope,
            }
            if not import_batches.move(session, batch_id, ("confirming",), **values):
                refused.append("import-step")
                return
            list_id = make_list(session, batch_id, batch, provenance, now)
            import_batches.move(
                session, batch_id, ("confirming",), state="queued", sample_sealed=None
            )
            queue(session, batch_id, "queued", now)
            details = {"list": list_id, "campaign": batch.campaign_id, "scope": scope}
            ground.note(session, actor, "list.import.queued", batch_id, **details)

        ground.write(rows)
        if refused:
            raise ServiceError(refused[0])

    def discard(self, batch_id: int, *, actor: str) -> None:
        """Give a wizard up; its file goes at once."""
        ground = self._ground
        batch = ground.batch(batch_id)
        now = ground.clock.now()
        ground.move(batch_id, OPEN, state="cancelled", ended_at=now, sample_sealed=None)
        ground.write(lambda session: ground.note(session, actor, "list.import.discarded", batch_id))
        Path(batch.path).unlink(missing_ok=True)

    # --- the worker ----------------------------------------------------------------------------

    def inspected(
        self, batch_id: int, shape: FileShape, header: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> None:
        """What stands at the head of the file; a template made for such a file is applied."""
        batch = self._ground.batch(batch_id)
        fitting = [
            each
            for each in self.templates(batch.campaign_id)
            if import_columns.fits(each.columns, header)
        ]
        newest = max(fitting, key=lambda each: each.updated_at, default=None)
        if newest is None:
            mapping = import_columns.guess(header)
        else:
            mapping = import_columns.apply(newest.columns, header)
        self._ground.move(
            batch_id,
            ("reading",),
            state="mapping",
            format=shape.format,
            encoding=shape.encoding,
            delimiter=shape.delimiter,
            sheets=list(shape.sheets),
            sheet=shape.sheet,
            header=list(header),
            mapping=mapping,
            sample_sealed=self._sealed({"rows": _short(rows)}),
        )

    def checked(
        self, batch_id: int, findings: Mapping[str, Any], rows: Sequence[Sequence[str]]
    ) -> None:
        """What would become of each row, in numbers, and some rows in normal form."""
        sample = {**self.sample(batch_id), "normal": _short(rows)}
        self._ground.move(
            batch_id,
            ("checking",),
            state="confirming",
            findings=dict(findings),
            rows_total=int(findings["rows"]),
            sample_sealed=self._sealed(sample),
        )

    def expire(self) -> int:
        """End wizards nobody came back to for a week; how many."""
        ground = self._ground
        before = ground.clock.now() - KEPT_FOR
        with ground.database.read() as session:
            old = [b for b in import_batches.in_state(session, *OPEN) if b.created_at < before]
        for batch in old:
            end = {"state": "failed", "error_id": "import-expired", "sample_sealed": None}
            ground.move(batch.id, OPEN, ended_at=ground.clock.now(), **end)
            Path(batch.path).unlink(missing_ok=True)
        return len(old)

    # --- inside --------------------------------------------------------------------------------

    def _save_template(self, batch: BatchRow, choice: Choice, actor: str) -> None:
        ground, now = self._ground, self._ground.clock.now()
        columns = import_columns.template_of(batch.header, choice.mapping)

        def rows(session: Session) -> None:
            product_id = campaigns.product_of(session, batch.campaign_id or 0)
            if product_id is None:
                return
            saved = templates.save(session, product_id, choice.template, columns, at=now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="list.import.template.saved",
                subject=f"import-template:{saved}",
                details={"product": product_id, "columns": len(columns)},
            )

        ground.write(rows)

    def _sealed(self, sample: Mapping[str, Any]) -> bytes:
        return self._ground.sealer.seal(json.dumps(sample, ensure_ascii=False))


def obtained(text: str) -> date | None:
    """A day as a form sends it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _short(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[str(cell)[:_LONGEST_SHOWN] for cell in row] for row in rows[:SHOWN_ROWS]]
