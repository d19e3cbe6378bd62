"""Header values as carriers write them."""

from __future__ import annotations

import pytest

from softphone.sip.messages.headers import (
    SipParseError,
    parse_name_addr,
    parse_number,
    parse_params,
    parse_uri,
    parse_via,
    quote,
    split_quoted,
    unquote,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a, b ,c", ["a", "b", "c"]),
        ('"x, y" <sip:a@b>, <sip:c,d@e>', ['"x, y" <sip:a@b>', "<sip:c,d@e>"]),
        ('realm="a, b", nonce="\\"c,\\""', ['realm="a, b"', 'nonce="\\"c,\\""']),
        ("", []),
        (" , ,", []),
    ],
)
def test_lists_are_split_outside_quotes_and_brackets(text, parts):
    assert split_quoted(text, ",") == parts


@pytest.mark.parametrize("text", ["plain", 'with "quotes"', "back\\slash", "", "a, b"])
def test_quoting_comes_back_unchanged(text):
    assert unquote(quote(text)) == text


@pytest.mark.parametrize(
    ("value", "display", "uri", "tag"),
    [
        ('"Bob <x>" <sip:b@h;lr>;tag=1', "Bob <x>", "sip:b@h;lr", "1"),
        ("Bob <sip:b@h>;TAG=1", "Bob", "sip:b@h", "1"),
        ("sip:b@h;tag=1", "", "sip:b@h", "1"),
        ('"a\\"b" <sip:b@h>', 'a"b', "sip:b@h", ""),
        ("<tel:+81312345678>", "", "tel:+81312345678", ""),
    ],
)
def test_names_and_addresses(value, display, uri, tag):
    read = parse_name_addr(value)
    assert (read.display, read.uri, read.tag) == (display, uri, tag)


@pytest.mark.parametrize("value", ["<sip:b@h", '"unterminated <sip:b@h>', '"only a name"'])
def test_broken_addresses_are_refused(value):
    with pytest.raises(SipParseError):
        parse_name_addr(value)


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:b@h.example:5070;transport=UDP", "b", "h.example", 5070),
        ("SIPS:b:secret@192.0.2.1", "b", "192.0.2.1", None),
        ("sip:192.0.2.1", "", "192.0.2.1", None),
        ("sip:#31#@a_b.example", "#31#", "a_b.example", None),
        ("sip:x@[2001:db8::1]:5061;lr?a=b", "x", "2001:db8::1", 5061),
    ],
)
def test_uris(text, user, host, port):
    uri = parse_uri(text)
    assert (uri.user, uri.host, uri.port) == (user, host, port)


@pytest.mark.parametrize("text", ["", "tel:+81", "sip:", "sip:a@h:0", "sip:a@h:99999", "sip:a b@"])
def test_what_is_no_sip_uri_is_refused(text):
    with pytest.raises(SipParseError):
        parse_uri(text)


def test_parameters_are_read_in_lower_case_and_the_first_wins():
    assert parse_params(';A=1;lr;a=2;b="x;y"') == {"a": "1", "lr": None, "b": "x;y"}


@pytest.mark.parametrize(
    ("value", "host", "port", "branch"),
    [
        ("SIP/2.0/UDP h:5062;rport;branch=z9hG4bK1", "h", 5062, "z9hG4bK1"),
        ("SIP / 2.0 / udp  [2001:db8::1] ;branch=b", "[2001:db8::1]", None, "b"),
        ("SIP/2.0/UDP 192.0.2.1", "192.0.2.1", None, ""),
    ],
)
def test_vias(value, host, port, branch):
    via = parse_via(value)
    assert (via.host, via.port, via.branch) == (host, port, branch)


@pytest.mark.parametrize("value", ["HTTP/1.1 h", "SIP/2.0/UDP", "SIP/2.0/UDP h:70000"])
def test_broken_vias_are_refused(value):
    with pytest.raises(SipParseError):
        parse_via(value)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "4294967296", "9" * 5000, "²", "１"])
def test_only_plain_numbers_in_range_are_numbers(text):
    with pytest.raises(SipParseError):
        parse_number(text)
