"""Finding customers by keyed hashes: each criterion is one look into an index, never a scan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from agent_desk.models.campaigns import CampaignList, CampaignTeam
from agent_desk.models.customers import Customer, Phone, SearchKey
from agent_desk.models.lists import ListEntry
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class Wanted:
    """All that is set must fit. `keys` are search keys, `number_key` a whole number's."""

    keys: tuple[str, ...] = ()
    number_key: str | None = None
    external_id: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for: that finds nobody, not everybody."""
        return not (self.keys or self.number_key or self.external_id)


@dataclass(frozen=True)
class FoundRow:
    """One customer as a list of results shows them; of each number only its end."""

    customer_id: int
    name: str
    kana: str | None
    external_id: str | None
    ends: tuple[str, ...]
    erased: bool


def lists_of(session: Session, teams: Collection[int]) -> list[int]:
    """The lists that campaigns of these teams call or have called."""
    query = (
        select(CampaignList.list_id)
        .join(CampaignTeam, CampaignTeam.campaign_id == CampaignList.campaign_id)
        .where(CampaignTeam.team_id.in_(list(teams)))
        .distinct()
    )
    return list(session.scalars(query))


def within(teams: Collection[int] | None, session: Session) -> list[ColumnElement[bool]]:
    """What keeps a query of customers within these teams; nothing for None, who see all."""
    if teams is None:
        return []
    on_theirs = exists().where(
        ListEntry.customer_id == Customer.id, ListEntry.list_id.in_(lists_of(session, teams))
    )
    return [on_theirs.correlate(Customer)]


def find(
    session: Session, wanted: Wanted, *, teams: Collection[int] | None, limit: int
) -> list[int]:
    """Ids of up to `limit` customers within the teams, newest first; [] when nothing is asked."""
    if wanted.empty:
        return []
    query = _matching(wanted).where(*within(teams, session))
    return list(session.scalars(query.limit(limit)))


def _matching(wanted: Wanted) -> Select[int]:
    """The rarest criterion leads, the others are looked up for each it finds."""
    if wanted.number_key is not None:
        theirs = select(Phone.customer_id).where(Phone.number_key == wanted.number_key)
        query = select(Customer.id).where(Customer.id.in_(theirs))
        rest = wanted.keys
    elif wanted.external_id is not None:
        query = select(Customer.id)
        rest = wanted.keys
    else:
        first = aliased(SearchKey)
        query = (
            select(Customer.id)
            .join(first, first.customer_id == Customer.id)
            .where(first.key == wanted.keys[0])
            .order_by(first.customer_id.desc())
        )
        rest = wanted.keys[1:]
    if wanted.external_id is not None:
        query = query.where(Customer.external_id == wanted.external_id)
    for key in rest:
        other = aliased(SearchKey)
        query = query.where(
            exists().where(other.key == key, other.customer_id == Customer.id).correlate(Customer)
        )
    return query


def rows(session: Session, sealer: Sealer, customer_ids: Sequence[int]) -> list[FoundRow]:
    """The customers' rows in the order of the ids, opened."""
    ends: dict[int, list[str]] = {}
    phones = select(Phone.customer_id, Phone.number_sealed).where(
        Phone.customer_id.in_(customer_ids)
    )
    for customer_id, sealed in session.execute(phones.order_by(Phone.position, Phone.id)):
        ends.setdefault(customer_id, []).append(sealer.open(sealed)[-4:])
    columns = (
        Customer.id,
        Customer.name_sealed,
        Customer.kana_sealed,
        Customer.external_id,
        Customer.erased_at,
    )
    found = {
        row[0]: FoundRow(
            customer_id=row[0],
            name=sealer.open(row[1]),
            kana=sealer.open_optional(row[2]),
            external_id=row[3],
            ends=tuple(ends.get(row[0], ())),
            erased=row[4] is not None,
        )
        for row in session.execute(select(*columns).where(Customer.id.in_(customer_ids)))
    }
    return [found[each] for each in customer_ids if each in found]
