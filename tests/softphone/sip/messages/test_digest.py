"""Digest authentication: the published examples, then both sides against each other."""

from __future__ import annotations

import pytest

from softphone.sip.messages.digest import (
    Attempts,
    Authenticator,
    DigestGate,
    answer_challenge,
    parse_digest,
    response_hash,
)
from softphone.sip.messages.message import Message
from tests.softphone.sip.virtual_time import Counting


def test_the_example_of_rfc_2617():
    params = {
        "realm": "testrealm@host.com",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
    }
    assert (
        response_hash(params, username="Mufasa", password="Circle Of Life", method="GET")
        == "6629fae49393a05397450978507c4ef1"
    )


def test_the_sha_256_example_of_rfc_7616():
    params = {
        "realm": "http-auth@example.org",
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "uri": "/dir/index.html",
        "algorithm": "SHA-256",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }
    assert (
        response_hash(params, username="Mufasa", password="Circle of Life", method="GET")
        == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    )


def test_without_qop_the_old_form_is_used():
    params = {"realm": "r", "nonce": "n", "uri": "sip:x"}
    request = Message("REGISTER", "sip:x")
    answer = answer_challenge(
        params, username="u", password="p", request=request, cnonce="c", count=1
    )
    assert "cnonce" not in answer and "nc=" not in answer and "qop" not in answer
    expected = response_hash(params, username="u", password="p", method="REGISTER")
    assert f'response="{expected}"' in answer


@pytest.mark.parametrize(
    "value",
    [
        'Digest realm="a, b", nonce="n"',
        'Digest\trealm="a, b",nonce=n',
        'DIGEST  Realm = "a, b" , Nonce="n", stale=TRUE',
    ],
)
def test_challenges_are_read_as_carriers_write_them(value):
    read = parse_digest(value)
    assert read is not None and (read["realm"], read["nonce"]) == ("a, b", "n")


@pytest.mark.parametrize("value", ["", "Basic realm=x", 'Digest realm="x"', "Digest"])
def test_what_is_no_digest_is_no_challenge(value):
    assert parse_digest(value) is None


def challenged(code: int, *values: str) -> Message:
    response = Message(code=code, reason="No")
    name = "www-authenticate" if code == 401 else "proxy-authenticate"
    for value in values:
        response.add(name, value)
    return response


def client(password: str = "secret") -> Authenticator:
    return Authenticator(username="trunk", password=password, tokens=Counting())


@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_client_and_gate_understand_each_other(algorithm, password):
    gate = DigestGate(
        realm="carrier, test", passwords={"trunk": "secret"}, tokens=Counting(), algorithm=algorithm
    )
    authenticator = client(password)
    request = Message("INVITE", "sip:0901230001@carrier.test")
    assert not gate.accepts(request)
    assert authenticator.learn(challenged(401, gate.challenge()), Attempts())
    authenticator.authorize(request)
    assert gate.accepts(request) is (password == "secret")
    other = Message("BYE", request.uri)
    other.copy_from(request, "authorization")
    assert not gate.accepts(other), "an answer holds for its own method only"


def test_a_nonce_is_used_again_with_its_count():
    authenticator = client()
    authenticator.learn(challenged(401, 'Digest realm="r", nonce="n", qop="auth"'), Attempts())
    counts = []
    for _ in range(3):
        request = Message("INVITE", "sip:x")
        authenticator.authorize(request)
        read = parse_digest(request.get("authorization"))
        assert read is not None
        counts.append(read["nc"])
    assert counts == ["00000001", "00000002", "00000003"]


def test_the_body_is_protected_when_only_that_is_offered():
    authenticator = client()
    authenticator.learn(challenged(401, 'Digest realm="r", nonce="n", qop="auth-int"'), Attempts())
    answers = []
    for body in (b"one", b"two"):
        request = Message("INVITE", "sip:x")
        request.body = body
        authenticator.authorize(request)
        read = parse_digest(request.get("authorization"))
        assert read is not None and read["qop"] == "auth-int"
        answers.append(
            read["response"]
            == response_hash(read, username="trunk", password="secret", method="INVITE", body=body)
        )
    assert answers == [True, True]


def test_a_refused_password_is_not_tried_a_second_time_even_with_a_new_nonce():
    authenticator, attempts = client(), Attempts()
    assert authenticator.learn(challenged(401, 'Digest realm="r", nonce="1"'), attempts)
    assert not authenticator.learn(challenged(401, 'Digest realm="r", nonce="2"'), attempts)


def test_a_stale_nonce_is_replaced_once():
    authenticator, attempts = client(), Attempts()
    stale = 'Digest realm="r", nonce="2", stale=true'
    assert authenticator.learn(challenged(401, 'Digest realm="r", nonce="1"'), attempts)
    assert authenticator.learn(challenged(401, stale), attempts)
    assert not authenticator.learn(challenged(401, stale), attempts)


def test_the_first_algorithm_we_know_is_taken_and_others_are_passed_over():
    authenticator = client()
    response = challenged(
        401,
        'Digest realm="r", nonce="x", algorithm=SHA3-999',
        'Digest realm="r", nonce="y", algorithm=SHA-256',
        'Digest realm="r", nonce="z", algorithm=MD5',
    )
    assert authenticator.learn(response, Attempts())
    request = Message("INVITE", "sip:x")
    authenticator.authorize(request)
    assert len(request.headers["authorization"]) == 1
    assert "SHA-256" in request.get("authorization") and 'nonce="y"' in request.get("authorization")


def test_no_password_or_no_known_algorithm_means_no_second_try():
    assert not client("").learn(challenged(401, 'Digest realm="r", nonce="n"'), Attempts())
    assert not client().learn(
        challenged(407, 'Digest realm="r", nonce="n", algorithm=X'), Attempts()
    )
    assert not client().learn(challenged(403, 'Digest realm="r", nonce="n"'), Attempts())


def test_a_flood_of_realms_is_not_followed_for_ever():
    authenticator, attempts = client(), Attempts()
    tries = 0
    while authenticator.learn(challenged(401, f'Digest realm="{tries}", nonce="n"'), attempts):
        tries += 1
    assert tries == 5
    request = Message("INVITE", "sip:x")
    authenticator.authorize(request)
    assert len(request.headers["authorization"]) <= 4


def test_a_nonce_of_somebody_else_is_refused():
    gate = DigestGate(realm="r", passwords={"trunk": "secret"}, tokens=Counting())
    authenticator = client()
    authenticator.learn(
        challenged(401, 'Digest realm="r", nonce="made-up", qop="auth"'), Attempts()
    )
    request = Message("INVITE", "sip:x")
    authenticator.authorize(request)
    assert not gate.accepts(request)


def test_old_nonces_are_forgotten():
    gate = DigestGate(realm="r", passwords={"trunk": "secret"}, tokens=Counting())
    authenticator = client()
    authenticator.learn(challenged(401, gate.challenge()), Attempts())
    for _ in range(300):
        gate.challenge()
    request = Message("INVITE", "sip:x")
    authenticator.authorize(request)
    assert not gate.accepts(request)
