"""Distinct types for identifiers: a call id cannot be handed in where a seat id is meant."""

from __future__ import annotations

from typing import NewType

SeatId = NewType("SeatId", str)  # the operator's username: one live seat per person
CallId = NewType("CallId", str)  # one INVITE and the call it became; 32 hex digits
UserId = NewType("UserId", int)
TeamId = NewType("TeamId", int)
CampaignId = NewType("CampaignId", int)
CustomerId = NewType("CustomerId", int)
ListEntryId = NewType("ListEntryId", int)
PhoneId = NewType("PhoneId", int)
TrunkId = NewType("TrunkId", str)
GatewayId = NewType("GatewayId", str)
