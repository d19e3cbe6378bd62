"""F39 and F40: backed up and updated under load. Nobody is cut off or abandoned, nothing is lost.

The procedure is the one of `docs/deploy.md`: drain, stop the desk, migrate, start it; then let the
gateway finish its calls and start it anew.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from agent_desk.models.base import to_microseconds
from agent_desk.store import schema
from tests.acceptance.kill_rounds import DESK, Figures, KillRounds
from tests.waiting import await_until

SEED = 20301127
OPERATORS = 4


class Update(KillRounds):
    """One product with its operators, brought from one release to the next."""

    async def desk(self) -> Figures:
        """A newer desk takes over while half of the operators talk."""
        figures = Figures(DESK)
        await self._work_until_busy()
        talks = await self._hold_talks()
        figures.talks = len(talks)
        began = self.product.now()
        drained = await asyncio.to_thread(self.product.run, "drain")
        assert "nobody is waiting" in drained.stdout
        stopped = time.monotonic()
        await asyncio.to_thread(self._replace_desk)
        await self._recover(figures, stopped)
        await self._talks_went_on(figures, talks)
        figures.failures += self._abandoned(began, self.product.now())
        for shift in self.shifts:
            shift.may_hang_up.set()
        await self._dials_again(figures, stopped)
        await self._talks_end_in_wrap_up(figures, talks)
        return figures

    def _replace_desk(self) -> None:
        """Stop it, take its newest migration back and make it again, start the next one."""
        script = ScriptDirectory(str(schema.DIRECTORY)).get_revision(schema.head())
        self.product.stop("desk")
        self.product.run("migrate", "--down", str(script.down_revision))
        self.product.run("migrate")
        self.product.start("desk")

    async def gateway(self) -> None:
        """The gateway finishes its calls and comes back."""
        await self._work_until_busy()
        gateway = self.product.processes.pop("gateway")
        gateway.terminate()
        await await_until(lambda: gateway.poll() is not None, within_s=80, what="the drain")
        assert gateway.returncode == 0
        self.product.start("gateway")
        await asyncio.to_thread(self.product.wait_ready)
        await self._work_until_busy()

    async def back_up(self) -> list[str]:
        """F39: of the working desk, put back elsewhere; what is wrong with it."""
        await self._work_until_busy()
        folder, again = self.product.folder / "backup", self.product.folder / "again"
        await asyncio.to_thread(self.product.run, "backup", str(folder), "--with-keys")
        told = await asyncio.to_thread(
            self.product.run, "restore", str(folder), "--into", str(again), check=False
        )
        good = told.returncode == 0 and "audit: no violation" in told.stdout
        return [] if good else [f"restore: {told.stdout}{told.stderr}"]

    def _abandoned(self, since: datetime, until: datetime) -> list[str]:
        """Live answers of this time that nobody took."""
        rows = self.product.query(
            "SELECT o.attempt_id FROM attempt_outcomes o JOIN calls c ON c.id = o.attempt_id"
            " WHERE o.abandoned AND c.answered_at BETWEEN ? AND ?",
            to_microseconds(since),
            to_microseconds(until),
        )
        return [f"abandoned by the update: {call_id}" for (call_id,) in rows]

    def dropped(self) -> list[str]:
        """Calls that no person ended."""
        rows = self.product.query(
            "SELECT attempt_id, outcome, cause FROM attempt_outcomes"
            " WHERE outcome = 'system_failure' OR cause IN ('gateway_stopping', 'seat_lost')"
        )
        return [f"dropped: {row}" for row in rows]


@pytest.mark.processes
@pytest.mark.timeout(480)
async def test_f39_f40_a_backup_and_an_update_under_load_drop_and_abandon_nobody(
    tmp_path: Path,
) -> None:
    update = Update(tmp_path, random.Random(SEED), operators=OPERATORS)
    try:
        # One call for each free seat: with more, the dialer by itself has answers nobody can take,
        # up to the moment the drain is asked for, and they would be laid at the update's door.
        await update.open(customers=200, ratio=1.0)
        wrong = await update.back_up()
        figures = await update.desk()
        await update.gateway()
        wrong += [*figures.failures, *await update.go_home(), *update.dropped()]
    finally:
        await update.close()
    assert not wrong, "\n".join(wrong)
    assert figures.talks > 0
