"""Numbers and caller ids towards a trunk."""

from __future__ import annotations

import pytest

from softphone.sip.messages.addressing import (
    UnusableNumber,
    caller_headers,
    shown_number,
    user_part,
)


@pytest.mark.parametrize(
    ("number", "national", "e164"),
    [
        ("+81312345678", "0312345678", "+81312345678"),
        ("090-1234-5678", "09012345678", "+819012345678"),
        ("+14155550100", "+14155550100", "+14155550100"),
        ("0013105550100", "0013105550100", "0013105550100"),
        ("117", "117", "117"),
        ("*21#", "*21%23", "*21%23"),
    ],
)
def test_a_number_is_written_as_the_trunk_wants_it(number, national, e164):
    assert user_part(number, "national") == national
    assert user_part(number, "e164") == e164


@pytest.mark.parametrize(
    "number", ["", "+", "abc", "090;x=1", "090@evil", "0901\r\nX: y", "１２３", "9" * 33]
)
def test_what_cannot_be_dialed_is_refused(number):
    with pytest.raises(UnusableNumber):
        user_part(number, "national")


def test_the_caller_is_shown_and_asserted():
    uri, headers = caller_headers(
        "+81312340000", domain="c.test", number_format="national", identity="P-Asserted-Identity"
    )
    assert uri == "sip:0312340000@c.test"
    assert headers == {"p-asserted-identity": "<sip:0312340000@c.test>"}


def test_identity_may_be_left_out_or_named_otherwise():
    words = {"domain": "c.test", "number_format": "e164"}
    assert caller_headers("0312340000", identity="none", **words) == (
        "sip:+81312340000@c.test",
        {},
    )
    assert (
        "p-preferred-identity"
        in caller_headers("0312340000", identity="P-Preferred-Identity", **words)[1]
    )


def test_a_number_is_withheld_only_on_a_trunk_set_up_so():
    words = {"domain": "c.test", "number_format": "national", "identity": "P-Asserted-Identity"}
    uri, headers = caller_headers("0312340000", privacy="id", **words)
    assert uri == "sip:anonymous@anonymous.invalid"
    assert headers == {"privacy": "id", "p-asserted-identity": "<sip:0312340000@c.test>"}
    uri, headers = caller_headers("0312340000", privacy="none", **words)
    assert uri == "sip:0312340000@c.test" and headers["privacy"] == "none"
    assert "privacy" not in caller_headers("0312340000", **words)[1]


@pytest.mark.parametrize(("privacy", "said"), [("", "off"), ("id", "full")])
def test_a_remote_party_id_says_whether_it_may_be_shown(privacy, said):
    words = {"domain": "c.test", "number_format": "e164", "identity": "Remote-Party-ID"}
    _, headers = caller_headers("0312340000", privacy=privacy, scheme="sips", **words)
    value = f"<sips:+81312340000@c.test>;party=calling;screen=yes;privacy={said}"
    assert headers["remote-party-id"] == value


def test_a_trunk_shows_its_own_numbers_and_one_called_number_always_the_same():
    pool = ("0312340001", "0312340002", "0312340003")
    assert shown_number("+81312340002", pool, called="0901") == "+81312340002"
    assert shown_number("0399999999", (), called="0901") == "0399999999"
    shown = [shown_number("0399999999", pool, called=f"0901{n}") for n in range(60)]
    assert shown == [shown_number("", pool[::-1], called=f"0901{n}") for n in range(60)]
    assert set(shown) == set(pool)


def test_an_account_name_is_no_number_and_stays():
    uri, _ = caller_headers("desk.1", domain="c.test", number_format="national", identity="none")
    assert uri == "sip:desk.1@c.test"
    with pytest.raises(UnusableNumber):
        caller_headers('x"><', domain="c.test", number_format="national", identity="none")


def test_without_a_caller_id_the_call_is_anonymous():
    assert caller_headers("", domain="c.test", number_format="e164", identity="none") == (
        "sip:anonymous@c.test",
        {},
    )
