"""The question whether somebody is there (RFC 3261 §11)."""

from __future__ import annotations

from softphone.sip.messages.message import Message
from softphone.sip.user_agent import UserAgent


def build_options(agent: UserAgent, domain: str) -> Message:
    """OPTIONS to the trunk itself, outside any dialog."""
    uri = f"{agent.scheme}:{domain}"
    request = Message("OPTIONS", uri)
    request.headers = {
        "via": [agent.new_via()],
        "max-forwards": ["70"],
        "from": [f"<{uri}>;tag={agent.tokens(8)}"],
        "to": [f"<{uri}>"],
        "call-id": [agent.new_call_id()],
        "cseq": ["1 OPTIONS"],
        "contact": [agent.contact],
    }
    return request
