"""What a password must be: long enough and none that everybody tries first (NIST SP 800-63B).

No rule asks for kinds of characters and none expires: both make people choose worse ones. Hashes
are argon2id. A temporary password is over 96 random bits, so a cheap hash keeps it as well.
"""

from __future__ import annotations

import secrets
import string
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from agent_desk.services.errors import ServiceError

LEAST_LENGTH = 12
LEAST_ALLOWED, MOST_ALLOWED = 8, 64  # what the house may set as the least
LONGEST = 256
_COMMON = Path(__file__).with_name("common_passwords.txt")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm")

# Of a temporary password: none begins with what a spreadsheet takes for a formula, and none has two
# letters that are read for each other when somebody copies it from paper.
_READ_ALOUD = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
_READ_ALOUD_LENGTH = 17  # 57 letters: 99 bits

_hasher = PasswordHasher()
_quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def require_good(password: str, *, username: str, least: int = LEAST_LENGTH) -> None:
    """ServiceError `password-short`, `password-long`, `password-common` or `password-name`."""
    if len(password) < least:
        raise ServiceError("password-short", least=least)
    if len(password) > LONGEST:
        raise ServiceError("password-long", most=LONGEST)
    plain = unicodedata.normalize("NFKC", password).lower()
    if username.lower() in plain and len(username) >= 4:
        raise ServiceError("password-name")
    if _easy(plain):
        raise ServiceError("password-common")


def hashed(password: str) -> str:
    """Its hash; takes some 50 ms, so off the hub."""
    return _hasher.hash(password)


def fits(hash_: str, password: str) -> bool:
    """Whether the hash is of this password; takes as long, so off the hub."""
    try:
        return _hasher.verify(hash_, password)
    except (VerificationError, InvalidHashError):
        return False


def temporary() -> tuple[str, str]:
    """A password nobody could guess, to be replaced at the first log-in, and its hash."""
    password = "".join(secrets.choice(_READ_ALOUD) for _ in range(_READ_ALOUD_LENGTH))
    return password, _quick.hash(password)


@cache
def nobodys_hash() -> str:
    """Checked when there is no such user, so that the answer takes as long as for a real one."""
    return _hasher.hash(secrets.token_urlsafe(16))


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def _easy(plain: str) -> bool:
    """On the list, the list's words said twice, few characters over and over, or keys in a row."""
    if plain in _common() or len(set(plain)) <= 3:
        return True
    for parts in (2, 3):
        length, rest = divmod(len(plain), parts)
        if not rest and plain == plain[:length] * parts and plain[:length] in _common():
            return True
    stem = plain.rstrip("0123456789!.@#$%&*?")
    if len(stem) >= 5 and stem in _common():
        return True
    return any(plain in row * 3 or plain in row[::-1] * 3 for row in _ROWS)
