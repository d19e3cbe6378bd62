"""Another system with a token, as the tests of `/api/v1` play it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from werkzeug.test import TestResponse

from agent_desk.services.api.tokens import SCOPES, Wanted
from tests.agent_desk.small_desk import SmallDesk


class OtherSystem:
    """Asks with a token of these scopes and teams (None: all of them)."""

    def __init__(
        self,
        desk: SmallDesk,
        *scopes: str,
        teams: Collection[int] | None = None,
        days: int = 30,
    ) -> None:
        self.desk = desk
        self.client = desk.client()
        wanted = Wanted("crm", scopes or SCOPES, teams, days)
        self.token_id, self.secret = desk.desk.tokens.make(wanted, actor="admin1")

    def get(self, path: str, **query: Any) -> TestResponse:
        """Ask for something below `/api/v1/`."""
        return self.client.get(f"/api/v1/{path}", query_string=query, headers=self.headers())

    def post(self, path: str, told: Any, *, key: str = "") -> TestResponse:
        """Send a change, once or again (`key`)."""
        return self.client.post(f"/api/v1/{path}", json=told, headers=self.headers(key))

    def headers(self, key: str = "") -> dict[str, str]:
        """Who asks, and by which Idempotency-Key."""
        shown = {"Authorization": f"Bearer {self.secret}"}
        return {**shown, "Idempotency-Key": key} if key else shown


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and error id of a refusal, which has all its parts."""
    told = answer.get_json()
    assert answer.content_type == "application/problem+json"
    parts = ("type", "title", "status", "detail", "what_to_do", "error_id", "details")
    assert set(told) == set(parts)
    assert all(told[part] for part in parts if part != "details")
    assert told["status"] == answer.status_code
    return answer.status_code, told["error_id"]
