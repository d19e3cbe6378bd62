"""A new campaign by its purpose: set as is advised, with its buttons and its words, unpublished.

Whoever calls for money does what the law and the associations ask (督促: two attempts a day,
本人確認, a record of each talk); who sells passes the reception first and accepts a refusal; who
asks questions calls once and keeps it short. Each can be changed before anybody is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from agent_desk.dialer.commands import ConfigureCampaign
from agent_desk.dialer.ids import CampaignId
from agent_desk.services.actor import Actor
from agent_desk.services.campaigns.creation import (
    BARS,
    BUILT_IN_STATUSES,
    EXCLUDES,
    IMPLIES,
    REFUSED,
    WRONG_NUMBER,
)
from agent_desk.services.campaigns.purposes import PURPOSES
from agent_desk.services.campaigns.settings import LONGEST_NAME
from agent_desk.services.errors import ServiceError
from agent_desk.services.ports import Clock
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.scripts.editing import FINDERS
from agent_desk.services.scripts.parsing import parse
from agent_desk.services.scripts.standard import standard_text
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns, copies, scripts, versions
from agent_desk.store.unit_of_work import Database, Session

AUDIENCES: tuple[scripts.Audience, ...] = ("customer", "third_party")
StatusColumns = tuple[str, str, str, str, str | None]

GATEKEEPER: StatusColumns = ("gatekeeper", "受付突破", "Past reception", "#0891b2", "4")
APPOINTMENT: StatusColumns = ("appointment", "アポ", "Appointment", "#7c3aed", "5")
ANSWERED: StatusColumns = ("answered", "回答完了", "Answered", "#7c3aed", "5")
RETURNED: StatusColumns = ("returned", "再開希望", "Wants to return", "#7c3aed", "5")
CONTACT, VALID, PAYMENT_DATE = BUILT_IN_STATUSES

# In the order of the funnel. Nobody promises to pay where nothing is owed.
STATUSES: dict[str, tuple[StatusColumns, ...]] = {
    "collections": (CONTACT, VALID, PAYMENT_DATE, WRONG_NUMBER),
    "sales": (GATEKEEPER, CONTACT, VALID, APPOINTMENT, WRONG_NUMBER, REFUSED),
    "survey": (CONTACT, VALID, ANSWERED, WRONG_NUMBER, REFUSED),
    "dormant": (CONTACT, VALID, RETURNED, WRONG_NUMBER, REFUSED),
}


@dataclass(frozen=True)
class Wanted:
    """A campaign to be; statuses and script are those of `like`, or of the purpose for None."""

    purpose: str
    name: str
    product: str
    teams: Sequence[int]
    like: int | None = None


class CampaignFounding:
    """For administrators."""

    def __init__(
        self,
        *,
        database: Database,
        commits: GroupCommit,
        book: CampaignBook,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._commits = commits
        self._book = book
        self._clock = clock
        self._changed = changed

    def found(self, wanted: Wanted, *, actor: Actor) -> int:
        """The new campaign's id; its product is made if it is new.

        ServiceError: role-too-low, campaign-unusable (field, reason), campaign-exists, not-stored.
        """
        actor.needs("admin")
        self._check(wanted)
        now = self._clock.now()
        made: list[int] = []

        def rows(session: Session) -> None:
            made[:] = [self._write(session, wanted, by=actor.username)]
            audit.append(
                session,
                at=now,
                actor=actor.username,
                action="campaign.created",
                subject=f"campaign:{made[0]}",
                details={"kind": wanted.purpose},
            )

        if not self._commits.submit(None, rows=rows).ok:
            raise ServiceError("not-stored")
        self._book.reload()
        with self._database.read() as session:
            campaign = campaigns.on_floor(session, now)[CampaignId(made[0])]
        self._commits.submit(ConfigureCampaign(campaign))
        self._changed()
        return made[0]

    def _check(self, wanted: Wanted) -> None:
        wrong = {
            "purpose": wanted.purpose not in PURPOSES,
            "name": not 1 <= len(wanted.name) <= LONGEST_NAME,
            "product": not 1 <= len(wanted.product) <= LONGEST_NAME,
            "teams": not wanted.teams,
        }
        found = next((field for field, is_wrong in wrong.items() if is_wrong), None)
        if found is not None:
            raise ServiceError("campaign-unusable", field=found, reason=found)
        with self._database.read() as session:
            if campaigns.by_name(session, wanted.name) is not None:
                raise ServiceError("campaign-exists", name=wanted.name)

    def _write(self, session: Session, wanted: Wanted, *, by: str) -> int:
        purpose, now = PURPOSES[wanted.purpose], self._clock.now()
        campaign_id = campaigns.add_campaign(
            session,
            at=now,
            name=wanted.name,
            kind=purpose.kind,
            product_id=campaigns.add_product(session, wanted.product),
            running="stopped",
            unpublished=True,
        )
        settings = {**purpose.settings, "name": wanted.name, "teams": list(wanted.teams)}
        versions.apply(session, campaign_id, settings, at=now)
        if wanted.like is None:
            _write_statuses(session, campaign_id, purpose.kind)
            _write_scripts(session, campaign_id, purpose.kind, by=by, at=now)
        else:
            copies.copy_words(session, wanted.like, campaign_id)
        return campaign_id


def _write_scripts(session: Session, campaign_id: int, kind: str, *, by: str, at: datetime) -> None:
    """The standard flow as the first version, where the purpose has one."""
    for audience in AUDIENCES:
        text = standard_text(kind, audience)
        if text:
            found = [asdict(each) for each in FINDERS[audience](parse(text), kind)]
            scripts.add(
                session,
                campaign_id,
                text=text,
                lint=found,
                allowed="",
                by=by,
                at=at,
                audience=audience,
            )


def _write_statuses(session: Session, campaign_id: int, kind: str) -> None:
    for position, (code, label_ja, label_en, colour, hotkey) in enumerate(STATUSES[kind], start=1):
        campaigns.add_status(
            session,
            campaign_id,
            code=code,
            label_ja=label_ja,
            label_en=label_en,
            colour=colour,
            hotkey=hotkey,
            position=position,
            needs_identity=kind == "collections" and code == "payment_date",
            bars=BARS.get(code),
            excludes=EXCLUDES.get(code, []),
            implies=IMPLIES.get(code, []),
        )
    if PAYMENT_DATE not in STATUSES[kind]:
        code, label_ja, label_en, colour, _ = PAYMENT_DATE
        campaigns.add_status(
            session,
            campaign_id,
            code=code,
            label_ja=label_ja,
            label_en=label_en,
            colour=colour,
            position=len(STATUSES[kind]) + 1,
            retired=True,
        )
