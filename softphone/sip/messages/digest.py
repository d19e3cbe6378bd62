"""Digest authentication, both sides (RFC 2617, 7616, 8760): MD5, SHA-256, SHA-512-256.

Registering and authenticating are separate things: lines of some Japanese carriers have neither
user nor password, others challenge the INVITE but take no REGISTER. So the client side is one
object with or without a password, asked for every request.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from softphone.sip.messages.headers import quote, split_quoted, unquote
from softphone.sip.messages.message import Message

Tokens = Callable[[int], str]  # n → 2·n hexadecimal digits nobody can guess
_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
_ANSWER_HEADER = {401: "authorization", 407: "proxy-authorization"}
_CHALLENGE_HEADER = {401: "www-authenticate", 407: "proxy-authenticate"}
_MAX_REALMS = 4
_MAX_NONCES = 256


def parse_digest(value: str) -> dict[str, str] | None:
    """The parameters of a `Digest …` challenge or answer, or None for another scheme."""
    parts = value.strip().split(None, 1)
    if len(parts) != 2 or parts[0].lower() != "digest":
        return None
    params: dict[str, str] = {}
    for part in split_quoted(parts[1], ","):
        name, _, text = part.partition("=")
        params.setdefault(name.strip().lower(), unquote(text))
    return params if "nonce" in params and "realm" in params else None


def _base(algorithm: str) -> str:
    return algorithm.upper().removesuffix("-SESS")


def response_hash(
    params: dict[str, str], *, username: str, password: str, method: str, body: bytes = b""
) -> str:
    """The `response` for answer parameters (realm, nonce, uri, algorithm, qop, nc, cnonce).

    Raises KeyError for an algorithm or parameter that is missing.
    """
    algorithm = params.get("algorithm", "MD5")
    name = _HASHES[_base(algorithm)]

    def digest(data: str | bytes) -> str:
        raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        return hashlib.new(name, raw, usedforsecurity=False).hexdigest()

    nonce, qop = params["nonce"], params.get("qop", "").lower()
    secret = digest(f"{username}:{params['realm']}:{password}")
    if algorithm.upper().endswith("-SESS"):
        secret = digest(f"{secret}:{nonce}:{params['cnonce']}")
    what = f"{method}:{params['uri']}"
    if qop == "auth-int":
        what += f":{digest(body)}"
    if not qop:
        return digest(f"{secret}:{nonce}:{digest(what)}")
    return digest(
        f"{secret}:{nonce}:{params['nc']}:{params['cnonce']}:{params['qop']}:{digest(what)}"
    )


def answer_challenge(
    challenge: dict[str, str],
    *,
    username: str,
    password: str,
    request: Message,
    cnonce: str,
    count: int,
) -> str:
    """The value of Authorization or Proxy-Authorization for `request`."""
    offered = [part.strip().lower() for part in challenge.get("qop", "").split(",")]
    qop = next((kind for kind in ("auth", "auth-int") if kind in offered), "")
    params = {"realm": challenge["realm"], "nonce": challenge["nonce"], "uri": request.uri}
    params |= {name: challenge[name] for name in ("algorithm",) if name in challenge}
    if qop or challenge.get("algorithm", "").upper().endswith("-SESS"):
        params |= {"cnonce": cnonce}
    if qop:
        params |= {"qop": qop, "nc": f"{count:08x}"}
    answer = response_hash(
        params, username=username, password=password, method=request.method, body=request.body
    )
    parts = [f"username={quote(username)}"]
    parts += [f"{name}={quote(params[name])}" for name in ("realm", "nonce", "uri")]
    parts.append(f'response="{answer}"')
    parts += [f"{name}={params[name]}" for name in ("algorithm", "qop", "nc") if name in params]
    if "cnonce" in params:
        parts.append(f'cnonce="{cnonce}"')
    if "opaque" in challenge:
        parts.append(f"opaque={quote(challenge['opaque'])}")
    return "Digest " + ", ".join(parts)


class Attempts:
    """Which realms one request has already answered: the guard against asking for ever."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str], int] = {}

    def allow(self, header: str, realm: str, *, stale: bool) -> bool:
        """Whether this challenge may be answered: once, and once more when the nonce was stale."""
        tries = self._answered.get((header, realm), 0)
        if tries >= (2 if stale else 1) or len(self._answered) > _MAX_REALMS:
            return False
        self._answered[(header, realm)] = tries + 1
        return True


class Authenticator:
    """The client's user and password, with the nonces of earlier challenges used again."""

    def __init__(self, *, username: str, password: str, tokens: Tokens) -> None:
        self._username, self._password, self._tokens = username, password, tokens
        self._known: dict[tuple[str, str], tuple[dict[str, str], int]] = {}

    def authorize(self, request: Message) -> None:
        """Add an answer for every realm known, counting its nonce up."""
        for header in _ANSWER_HEADER.values():
            request.headers.pop(header, None)
        for (header, realm), (challenge, count) in self._known.items():
            count += 1
            self._known[(header, realm)] = (challenge, count)
            request.add(
                header,
                answer_challenge(
                    challenge,
                    username=self._username,
                    password=self._password,
                    request=request,
                    cnonce=self._tokens(8),
                    count=count,
                ),
            )

    def learn(self, response: Message, attempts: Attempts) -> bool:
        """Take the challenges of a 401 or 407; False when trying again would be pointless.

        A refused password comes back as a second challenge for a realm already answered.
        """
        if not self._password or response.code not in _ANSWER_HEADER:
            return False
        header = _ANSWER_HEADER[response.code]
        fresh = False
        for realm, challenge in self._challenges(response).items():
            stale = challenge.get("stale", "").lower() == "true"
            if attempts.allow(header, realm, stale=stale):
                if len(self._known) >= _MAX_REALMS and (header, realm) not in self._known:
                    self._known.pop(next(iter(self._known)))
                self._known[(header, realm)] = (challenge, 0)
                fresh = True
            else:
                self._known.pop((header, realm), None)
        return fresh

    def _challenges(self, response: Message) -> dict[str, dict[str, str]]:
        """The first challenge we can answer of each realm: the peer's order is its preference."""
        found: dict[str, dict[str, str]] = {}
        for value in response.headers.get(_CHALLENGE_HEADER[response.code], []):
            challenge = parse_digest(value)
            if challenge and _base(challenge.get("algorithm", "MD5")) in _HASHES:
                found.setdefault(challenge["realm"], challenge)
        return found


class DigestGate:
    """The server side: challenges a request and judges the answer."""

    def __init__(
        self, *, realm: str, passwords: dict[str, str], tokens: Tokens, algorithm: str = "MD5"
    ) -> None:
        self._realm, self._passwords, self._tokens = realm, passwords, tokens
        self._algorithm = algorithm
        self._nonces: dict[str, None] = {}

    def challenge(self) -> str:
        """A fresh WWW-Authenticate value."""
        nonce = self._tokens(12)
        self._nonces[nonce] = None
        if len(self._nonces) > _MAX_NONCES:
            self._nonces.pop(next(iter(self._nonces)))
        return (
            f'Digest realm={quote(self._realm)}, nonce="{nonce}",'
            f' algorithm={self._algorithm}, qop="auth"'
        )

    def accepts(self, request: Message) -> bool:
        """Whether the request carries a right answer to a challenge of ours."""
        for value in request.headers.get("authorization", []):
            params = parse_digest(value)
            if params is None or params["nonce"] not in self._nonces:
                continue
            password = self._passwords.get(params.get("username", ""))
            if password is None or params["realm"] != self._realm:
                continue
            if _base(params.get("algorithm", "MD5")) != _base(self._algorithm):
                continue
            try:
                wanted = response_hash(
                    params,
                    username=params["username"],
                    password=password,
                    method=request.method,
                    body=request.body,
                )
            except KeyError:
                continue
            given = params.get("response", "").lower().encode("utf-8", "surrogateescape")
            if hmac.compare_digest(wanted.encode(), given):
                return True
        return False
