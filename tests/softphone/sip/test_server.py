"""The server of the practice carrier: whom it answers, and how it challenges."""

from __future__ import annotations

import pytest

from softphone.sip.calls.outbound import OutboundInvite
from softphone.sip.server import SipServer
from tests.softphone.sip.placed_calls import OFFER, HeardCall
from tests.softphone.sip.torture import PLAIN
from tests.softphone.sip.wire import HeardInbound
from tests.waiting import await_until

INVITE = PLAIN.replace(b"OPTIONS", b"INVITE")


def refuse(call) -> HeardInbound:
    call.reject(486, "Busy Here", 17)
    return HeardInbound()


@pytest.fixture
async def start_server():
    servers = []

    async def start(on_invite=refuse, **wishes) -> SipServer:
        server = SipServer(on_invite, **wishes)
        await server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_it_challenges_calls_and_registrations(start_server, start_trunk, algorithm):
    server = await start_server(passwords={"trunk": "secret"}, algorithm=algorithm)
    trunk = await start_trunk(server.address[1], username="trunk", password="secret", register=True)
    await await_until(lambda: trunk.state == "up")
    heard = HeardCall()
    trunk.place(OutboundInvite("c", "+81901230001", "", OFFER, 20), heard)
    await await_until(lambda: heard.endings)
    assert (heard.ending.code, heard.ending.q850) == (486, 17)


async def test_a_wrong_password_gets_no_further(start_server, start_trunk):
    server = await start_server(passwords={"trunk": "secret"})
    trunk = await start_trunk(server.address[1], username="trunk", password="wrong")
    heard = HeardCall()
    trunk.place(OutboundInvite("c", "+81901230001", "", OFFER, 20), heard)
    await await_until(lambda: heard.endings)
    assert heard.ending.code == 401 and server.calls == []


async def test_any_address_of_loopback_is_answered_and_no_other(start_server, strangers):
    server = await start_server()
    for host in ("127.0.0.1", "127.0.0.9"):
        sender = strangers(host)
        sender.send(PLAIN.replace(b"z9hG4bKx", host.encode()), server.address[1])
        assert (await sender.hear()).startswith(b"SIP/2.0 200")
    assert not server.endpoint._allows("192.0.2.1")


async def test_nothing_leaves_loopback_even_if_a_contact_asks_for_it(start_server):
    server = await start_server()
    sent = []
    server.endpoint.send = lambda data, address: sent.append(address)
    server._send(b"BYE", ("192.0.2.1", 5060))
    server._send(b"BYE", ("127.0.0.5", 5060))
    assert sent == [("127.0.0.5", 5060)]


async def test_an_extension_it_does_not_know_is_named(start_server, strangers):
    stranger = strangers()
    server = await start_server()
    demanding = INVITE.replace(b"Max-Forwards: 70", b"Require: precondition, timer")
    stranger.send(demanding, server.address[1])
    reply = await stranger.hear()
    assert reply.startswith(b"SIP/2.0 420") and b"Unsupported: precondition" in reply


async def test_the_same_call_by_another_way_is_a_loop(start_server, strangers):
    stranger = strangers()
    server = await start_server(lambda call: HeardInbound())
    stranger.send(INVITE, server.address[1])
    assert (await stranger.hear()).startswith(b"SIP/2.0 100")
    stranger.send(INVITE.replace(b"z9hG4bKx", b"z9hG4bKy"), server.address[1])
    assert (await stranger.hear()).startswith(b"SIP/2.0 482")
    assert len(server.calls) == 1


async def test_a_bye_for_a_call_it_does_not_know_is_answered_so(start_server, strangers):
    stranger = strangers()
    server = await start_server()
    bye = PLAIN.replace(b"OPTIONS", b"BYE").replace(
        b"To: <sip:desk@", b"To: <sip:x@y>;tag=1\r\nX: <"
    )
    stranger.send(bye, server.address[1])
    assert (await stranger.hear()).startswith(b"SIP/2.0 481")


async def test_other_methods_are_refused(start_server, strangers):
    stranger = strangers()
    server = await start_server()
    stranger.send(PLAIN.replace(b"OPTIONS", b"MESSAGE"), server.address[1])
    assert (await stranger.hear()).startswith(b"SIP/2.0 405")
