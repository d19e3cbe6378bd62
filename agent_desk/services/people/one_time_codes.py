"""Codes of an authenticator: HOTP (RFC 4226) over steps of 30 s (RFC 6238), six digits, SHA-1.

SHA-1 is what authenticators agree on; here it is keyed, and nothing rests on collisions.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote

import segno

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
# A telephone's clock may be off by one step either way (RFC 6238 §5.2).
DRIFT = (-1, 0, 1)


def new_secret(random_bytes: bytes) -> str:
    """Base32, as authenticators take it; `random_bytes` are 20 of a cryptographic source."""
    return base64.b32encode(random_bytes).decode("ascii")


def step_at(now: datetime) -> int:
    """The number of the step an instant is in; real time, never a shifted clock's."""
    return int(now.timestamp()) // STEP_S


def code_at(secret: str, step: int) -> str:
    """The six digits of a step."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which step around now the code is of; None for a wrong one."""
    present = step_at(now)
    for each in DRIFT:
        if hmac.compare_digest(code_at(secret, present + each).encode(), code.encode()):
            return present + each
    return None


def address_of(secret: str, *, issuer: str, username: str) -> str:
    """The otpauth:// address an authenticator takes instead of typing."""
    label = f"{quote(issuer)}:{quote(username)}"
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"


def drawing_of(address: str) -> str:
    """The address as an SVG element with a QR code, for the page itself and nowhere else.

    Black on white with the four modules of white around it that ISO/IEC 18004 §9.1 asks for, so
    that a telephone reads it on a dark page too.
    """
    code = segno.make_qr(address, error="m")
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)
