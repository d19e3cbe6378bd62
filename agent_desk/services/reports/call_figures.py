"""The one way from a question about calls to its groups: facts, scope, errors."""

from __future__ import annotations

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.call_questions import CallQuestion
from agent_desk.services.reports.corrections import corrections
from agent_desk.services.reports.making import Asked, Ground
from agent_desk.store.facts import figures, pivot
from agent_desk.store.facts.axes import UnknownAxis
from agent_desk.store.facts.pivot import Groups
from agent_desk.store.facts.reading import Facts


def groups(
    asked: Asked, ground: Ground, question: CallQuestion, *, by: tuple[str, ...]
) -> tuple[Facts, Groups]:
    """Calls counted by these axes, within the scope of who asks. ServiceError `report-unready`,
    `not-in-scope`, `bad-payload`."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    facts = ground.facts()

    def progress(share: float) -> bool:
        ground.tell(share, "report.counting")
        return True

    with ground.database.read() as session:
        scope = figures.scope_of(session, question.campaign_id, asked.teams)
        try:
            found = pivot.pivot(facts, session, question.asked(by), scope, progress=progress)
        except UnknownAxis as unknown:
            raise ServiceError("bad-payload", reason=str(unknown)) from None
    return facts, found


def corrected(asked: Asked, ground: Ground, question: CallQuestion) -> int:
    """How many calls of the question's days were corrected, whatever it leaves out of them."""
    with ground.database.read() as session:
        return corrections(session, asked, (question.start, question.end))


def behind(
    asked: Asked, ground: Ground, question: CallQuestion, *, most: int
) -> tuple[Facts, list[str], int]:
    """The newest calls behind a figure, and how many there are in all; errors as `groups`."""
    if asked.user_id is not None:
        raise ServiceError("not-in-scope")
    facts = ground.facts()
    with ground.database.read() as session:
        scope = figures.scope_of(session, question.campaign_id, asked.teams)
        try:
            calls, number = pivot.calls_behind(facts, session, question.asked(()), scope, most=most)
        except UnknownAxis as unknown:
            raise ServiceError("bad-payload", reason=str(unknown)) from None
    return facts, calls, number
