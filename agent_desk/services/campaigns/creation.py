"""Creating a campaign from the command line: the way from an empty database to the first call.

What is not asked for has the model's defaults, which are the cautious ones: progressive, strict
screening, two attempts a person and day, 9:00–20:00. Every campaign gets the built-in statuses;
collections ask for 本人確認, and a wrap-up nobody finished sends the seat away. A debt cannot be
refused; whoever is asked to buy or to answer can, so all other kinds have 拒否. All have 番号違い.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.store import audit
from agent_desk.store.campaigns import campaigns
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database

KINDS = ("collections", "sales", "survey", "dormant")
MODES = ("preview", "progressive", "ratio", "predictive")
SCREENINGS = ("off", "watch", "strict")

# Code, Japanese and English label, colour, number key.
BUILT_IN_STATUSES = (
    ("contact", "接触", "Contact", "#2563eb", "1"),
    ("valid", "有効コール", "Valid call", "#15803d", "2"),
    ("payment_date", "支払日設定", "Payment date", "#b45309", "3"),
)
# Who presses it bars the person for the product (R38), so its key is far from the others'.
REFUSED = ("refused", "拒否", "Refused", "#b91c1c", "9")
# Bars this number of this person at once; 番号違い is found out on calls of every kind.
WRONG_NUMBER = ("wrong_number", "番号違い", "Wrong number", "#64748b", "8")
BARS = {"refused": "product", "wrong_number": "number"}
# Who refuses has been spoken to, and agreed to nothing.
EXCLUDES = {"refused": ["appointment", "payment_date"]}
IMPLIES = {"refused": ["contact"]}


def create_campaign(
    database: Database,
    *,
    name: str,
    product: str,
    team: str,
    kind: str,
    running: bool,
    now: datetime,
    **columns: Any,
) -> int:
    """The new campaign's id; product and team are made if missing. ServiceError campaign-exists."""
    collections = kind == "collections"
    if collections:
        columns = {"identity_needed": True, "after_wrap_up": "away", **columns}
    with database.write() as session:
        if campaigns.by_name(session, name) is not None:
            raise ServiceError("campaign-exists", name=name)
        campaign_id = campaigns.add_campaign(
            session,
            at=now,
            name=name,
            kind=kind,
            product_id=campaigns.add_product(session, product),
            running="running" if running else "stopped",
            **columns,
        )
        statuses = (*BUILT_IN_STATUSES, WRONG_NUMBER, *(() if collections else (REFUSED,)))
        for position, (code, label_ja, label_en, colour, hotkey) in enumerate(statuses, start=1):
            campaigns.add_status(
                session,
                campaign_id,
                code=code,
                label_ja=label_ja,
                label_en=label_en,
                colour=colour,
                hotkey=hotkey,
                position=position,
                needs_identity=collections and code == "payment_date",
                bars=BARS.get(code),
                excludes=EXCLUDES.get(code, []),
                implies=IMPLIES.get(code, []),
            )
        campaigns.add_team(session, campaign_id, accounts.add_team(session, team))
        audit.append(
            session,
            at=now,
            actor="cli",
            action="campaign.created",
            subject=f"campaign:{campaign_id}",
            details={"kind": kind},
        )
    return campaign_id
