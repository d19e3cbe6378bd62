"""What a filter's builder offers: the fields, and the values each may be asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent_desk.dialer.outcomes import Outcome
from agent_desk.services.actor import Actor
from agent_desk.services.lists.steering import ListSteering
from agent_desk.services.rules.areas import PREFECTURES
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.store.lists import column_names
from agent_desk.store.lists.filter_grammar import FIELDS, OPS
from agent_desk.store.rules import block_lists
from agent_desk.store.unit_of_work import Database


class FilterChoices:
    """Reads what there is, within the actor's teams."""

    def __init__(self, *, database: Database, book: CampaignBook, steering: ListSteering) -> None:
        self._database = database
        self._book = book
        self._steering = steering

    def fields(self, *, actor: Actor, t: Callable[[str], str], locale: str) -> list[dict[str, Any]]:
        """Each field with its kind, operators and, where they are known, values and their names."""
        offered = self._offered(actor, t, locale)
        return [
            {
                "name": name,
                "kind": field.kind,
                "label": t(f"filter.field.{name}"),
                "ops": [{"value": op, "label": t(f"filter.op.{op}")} for op in OPS[field.kind]],
                "options": offered.get(name, []),
            }
            for name, field in FIELDS.items()
        ]

    def columns(self) -> list[str]:
        """The columns of the newest files."""
        with self._database.read() as session:
            return column_names.newest(session)

    def _offered(
        self, actor: Actor, t: Callable[[str], str], locale: str
    ) -> dict[str, list[dict[str, Any]]]:
        campaigns = [
            facts
            for facts in self._book.all().values()
            if actor.teams is None or actor.teams & facts.team_ids
        ]
        statuses = {
            status.code: status.label(locale) for facts in campaigns for status in facts.statuses
        }
        with self._database.read() as session:
            products = block_lists.products(session)
        lists = self._steering.settings(actor=actor)
        return {
            "last_outcome": _options({each.value: t(f"outcome.{each.value}") for each in Outcome}),
            "status": _options(statuses),
            "valid_call": _options({int(f.campaign_id): f.name for f in campaigns}),
            "list": _options({key: each.name for key, each in lists.items()}),
            "product": _options(dict(products)),
            "prefecture": _options({name: name for name in PREFECTURES}),
            "delinquency": _options(
                {code: t(f"filter.delinquency.{code}") for code in FIELDS["delinquency"].codes}
            ),
            "promise": _options(
                {code: t(f"filter.promise.{code}") for code in FIELDS["promise"].codes}
            ),
            "phone_kind": _options(
                {code: t(f"filter.phone_kind.{code}") for code in FIELDS["phone_kind"].codes}
            ),
        }


def _options(named: dict[Any, str]) -> list[dict[str, Any]]:
    return [{"value": value, "label": label} for value, label in named.items()]
