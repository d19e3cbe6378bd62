"""How a trunk writes what it is asked to call: the URIs, the caller, the settings of its INVITE."""

from __future__ import annotations

from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.messages.addressing import (
    UnusableNumber,
    caller_headers,
    shown_number,
    user_part,
)
from softphone.sip.messages.invite import InviteForm
from softphone.sip.transport.transactions import Address
from softphone.sip.trunk.settings import TrunkRefused, TrunkSettings


def uri_of(number: str, settings: TrunkSettings, scheme: str) -> str:
    """A number (E.164 or as dialed) at the trunk's domain. Raises UnusableNumber."""
    phone = ";user=phone" if settings.user_phone else ""
    user = user_part(number, settings.number_format)
    return f"{scheme}:{user}@{settings.domain}{phone}"


def caller_shown(invite: OutboundInvite, settings: TrunkSettings) -> str:
    """The number, or the account, whoever is called sees; "" when it is withheld."""
    if settings.privacy == "id":
        return ""
    wanted = invite.caller_id or settings.caller_id or settings.username
    return shown_number(wanted, settings.caller_ids, called=invite.number)


def make_form(
    invite: OutboundInvite, settings: TrunkSettings, *, address: Address, scheme: str
) -> InviteForm:
    """Raises TrunkRefused for a number that cannot be dialed or shown."""
    wanted = invite.caller_id or settings.caller_id or settings.username
    try:
        uri = uri_of(invite.number, settings, scheme)
        from_uri, headers = caller_headers(
            shown_number(wanted, settings.caller_ids, called=invite.number),
            domain=settings.domain,
            number_format=settings.number_format,
            identity=settings.identity_header,
            privacy=settings.privacy,
            scheme=scheme,
        )
    except UnusableNumber as fault:
        raise TrunkRefused("number") from fault
    return InviteForm(
        trunk_id=settings.trunk_id,
        uri=uri,
        from_uri=from_uri,
        address=address,
        session_expires_s=settings.session_expires_s,
        headers=headers,
        codecs=settings.codecs,
        number_format=settings.number_format,
    )
