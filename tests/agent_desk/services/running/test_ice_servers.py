"""What a page is told of relays: never their secret."""

from __future__ import annotations

from datetime import UTC, datetime

from agent_desk.services.running.ice_servers import servers_for

NOW = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
STUN = {"urls": "stun:stun.example.jp:3478"}
FIXED = {"urls": "turn:turn.example.jp", "username": "u", "credential": "p"}
SHARED = {"urls": ["turn:t.example.jp", "turns:t.example.jp"], "secret": "north", "ttl_s": 600}


def test_servers_without_a_secret_are_passed_on_as_they_are() -> None:
    assert servers_for("operator1", [STUN, FIXED], now=NOW) == [STUN, FIXED]


def test_a_relays_secret_becomes_credentials_that_expire() -> None:
    (entry,) = servers_for("operator1", [SHARED], now=NOW)
    # printf %s 1775005800:operator1 | openssl dgst -sha1 -hmac north -binary | base64
    assert entry == {
        "urls": SHARED["urls"],
        "username": "1775005800:operator1",
        "credential": "17/I2WzfNSFpKifYX5VdtS7bZRY=",
    }


def test_credentials_last_a_shift_unless_said_otherwise() -> None:
    (entry,) = servers_for("operator1", [{"urls": "turn:t", "secret": "north"}], now=NOW)
    expiry, seat = entry["username"].split(":")
    assert int(expiry) - NOW.timestamp() == 12 * 3600
    assert seat == "operator1"


def test_two_seats_have_different_credentials() -> None:
    one, other = (servers_for(seat, [SHARED], now=NOW)[0]["credential"] for seat in ("a", "b"))
    assert one != other
