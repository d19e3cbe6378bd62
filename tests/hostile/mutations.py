"""Mutations of messages, from a seed: the same for the suite, for soaks and on the wire."""

from __future__ import annotations

import random

from softphone.sip.calls.inbound import InboundCall
from softphone.sip.messages.message import Message
from softphone.sip.messages.replies import build_reply
from softphone.sip.messages.sdp import answer_audio
from tests.hostile import bombs
from tests.hostile.messages import INVITES
from tests.softphone.sip.torture import MALFORMED, WELL_FORMED

_GRAMMAR = b'\r\n:;,<>"@ \t\0%=\\[]'
_LONGEST = 60_000
IN_DIALOG = ("BYE", "INVITE", "UPDATE", "NOTIFY", "PRACK", "INFO", "OPTIONS", "ACK", "CANCEL")


def mutated(dice: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    """One to six edits: bytes changed, grammar inserted, parts cut, doubled, spliced, swelled."""
    message = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(message) + 1)
        kind = dice.randrange(8)
        if kind == 0 and message:
            message[at % len(message)] = dice.randrange(256)
        elif kind == 1:
            message[at:at] = bytes(dice.choices(_GRAMMAR, k=dice.randint(1, 6)))
        elif kind == 2:
            del message[at : at + dice.randint(1, 40)]
        elif kind == 3 and dice.random() < 0.5:
            del message[at:]
        elif kind == 4:
            message += message[at : at + dice.randint(1, 400)]
        elif kind == 5:
            message[at:at] = bytes([dice.choice(b"0123456789 \n;")]) * dice.choice((20, 5000))
        elif kind == 6:
            message[at:at] = bytes(dice.choices(b"\xff\x80\xe3\xed\xa0", k=dice.randint(1, 4)))
        else:
            other = dice.choice(seeds)
            message[at:at] = other[dice.randrange(len(other) + 1) :][:80]
    return bytes(message[:_LONGEST])


def wire_seeds() -> list[bytes]:
    """Messages outside any dialog."""
    every = [*WELL_FORMED.values(), *MALFORMED.values(), *INVITES.values()]
    return [data for data in every if data]


def dialog_seeds(call: InboundCall) -> list[bytes]:
    """What the carrier could say in the dialog of a call it has, right but for the mutations."""
    invite = call.request
    answer = answer_audio(invite.sdp, host="127.0.0.1", port=6000, session_id=1)
    tag = call._transaction.to_tag
    return [*_replies(invite, answer, tag), *_requests(invite, answer, tag)]


def _replies(invite: Message, answer: str, tag: str) -> list[bytes]:
    seeds = []
    for code in (180, 183, 200, 302, 401, 422, 486, 491, 503):
        for sdp in ("", answer):
            reply = build_reply(invite, code, source=("127.0.0.1", 5060), to_tag=tag)
            reply.set("contact", "<sip:far@127.0.0.1:5060>")
            reply.set("require", "100rel")
            reply.set("rseq", "1")
            reply.set("www-authenticate", 'Digest realm="r", nonce="n"')
            reply.set("retry-after", "1")
            if sdp:
                reply.set_sdp(sdp)
            seeds.append(bytes(reply))
    return seeds


def _requests(invite: Message, answer: str, tag: str) -> list[bytes]:
    seeds = []
    for number, method in enumerate(IN_DIALOG):
        request = Message(method, "sip:trunk@127.0.0.1")
        branch = f"z9hG4bKd{tag}{number}"
        request.add("via", f"SIP/2.0/UDP 127.0.0.1:5060;rport;branch={branch}")
        request.add("from", f"{invite.get('to')};tag={tag}")
        request.add("to", invite.get("from"))
        request.add("call-id", invite.call_id)
        request.add("cseq", f"{number + 100} {method}")
        request.add("contact", "<sip:far@127.0.0.1:5060>")
        request.add("rack", f"1 {invite.cseq[0]} INVITE")
        request.add("event", "refer")
        request.add("session-expires", "90;refresher=uas")
        if method in ("INVITE", "UPDATE", "ACK"):
            request.set_sdp(answer)
        elif method == "INFO":
            request.set("content-type", "application/dtmf-relay")
            request.body = b"Signal=1\r\nDuration=160\r\n"
        elif method == "NOTIFY":
            request.set("content-type", "message/sipfrag")
            request.body = b"SIP/2.0 200 OK\r\n"
        seeds.append(bytes(request))
        if method == "INFO":
            request.body = bombs.KEYS["empty lines"]
            seeds.append(bytes(request))
    return seeds
