"""How the text of one setting becomes a value, with every fault kept for one common report."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

KEY_BYTES = 32
SECRET_LENGTH = 16  # characters; what is generated has 43


@dataclass(frozen=True)
class Fault:
    """One wrong setting: its name, what is wrong, and what to do about it."""

    setting: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.problem}. {self.remedy}."


class ConfigError(ValueError):
    """The settings cannot be used; `faults` holds every reason, not only the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        lines = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"The settings cannot be used:\n{lines}")


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine's loopback."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def split_host_port(text: str, *, default_port: int) -> tuple[str, int]:
    """Split `host`, `host:port` or `[v6]:port`; raises ValueError on anything else."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or not re.fullmatch(r"[\w.:\[\]-]+", text, re.ASCII):
        raise ValueError(f"{text!r} is not host:port")
    return parts.hostname, default_port if parts.port is None else parts.port


class Reader:
    """Reads settings from one environ mapping and collects the faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[Fault] = []

    def fault(self, setting: str, problem: str, remedy: str) -> None:
        """Keep one fault for the report."""
        self.faults.append(Fault(setting, problem, remedy))

    def raise_faults(self) -> None:
        """Raise `ConfigError` when any fault was found."""
        if self.faults:
            raise ConfigError(tuple(self.faults))

    def text(self, name: str, default: str = "") -> str:
        """The setting without surrounding space; an empty one counts as not set."""
        return self._environ.get(name, "").strip() or default

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.fault(name, f"{text!r} is not a whole number {low}-{high}", "Correct or unset it")
        return default

    def one_of(self, name: str, words: Sequence[str]) -> str:
        """One of some words; the first is the default."""
        text = self.text(name, words[0])
        if text not in words:
            self.fault(name, f"{text!r} is not one of its words", f"Write {' or '.join(words)}")
            return words[0]
        return text

    def directory(self, name: str, default: Path) -> Path:
        """A directory as an absolute path; it need not exist yet."""
        path = Path(self.text(name, str(default))).expanduser().absolute()
        if path.exists() and not path.is_dir():
            self.fault(name, f"{path} is not a directory", "Name a directory")
        return path

    def existing_directory(self, name: str) -> Path | None:
        """A directory that must be there, or None when not set."""
        text = self.text(name)
        if not text:
            return None
        path = Path(text).expanduser().absolute()
        if not path.is_dir():
            self.fault(name, f"{path} is not a directory", "Name a directory or unset it")
        return path

    def file(self, name: str) -> Path | None:
        """A file that must be readable, or None when not set."""
        text = self.text(name)
        if not text:
            return None
        path = Path(text).expanduser().absolute()
        if not (path.is_file() and os.access(path, os.R_OK)):
            self.fault(name, f"{path} cannot be read", "Name a readable file or unset it")
        return path

    def url(self, name: str, *, schemes: tuple[str, ...], default: str | None = None) -> str | None:
        """A URL with a host and one of `schemes`. The value may hold a password: never shown."""
        text = self.text(name)
        if not text:
            return default
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            wanted = " or ".join(f"{scheme}://host" for scheme in schemes)
            self.fault(name, "is not a URL this setting takes", f"Write it as {wanted}")
            return default
        return text

    def instant(self, name: str) -> datetime | None:
        """An ISO 8601 instant with its offset, in UTC, or None when not set."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            example = "2026-04-01T10:00:00+09:00"
            self.fault(name, f"{text!r} is not an instant with its offset", f"Write {example}")
            return None
        return value.astimezone(UTC)

    def address(self, name: str) -> str | None:
        """An IP address, or None when not set."""
        text = self.text(name)
        try:
            return str(ip_address(text)) if text else None
        except ValueError:
            self.fault(name, f"{text!r} is not an IP address", "Write one such as 203.0.113.7")
            return None

    def networks(self, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
        """Addresses or networks, separated by commas."""
        found = []
        for part in filter(None, (part.strip() for part in self.text(name).split(","))):
            try:
                found.append(ip_network(part))
            except ValueError:
                self.fault(
                    name,
                    f"{part!r} is not an address or network",
                    "Write 10.0.0.5 or 10.0.0.0/24, several separated by commas",
                )
        return tuple(found)

    def port_range(self, name: str, default: str) -> tuple[int, int]:
        """`low-high`, both inclusive, at least 20 ports above 1023."""
        text = self.text(name, default)
        low, _, high = text.partition("-")
        if low.isdigit() and high.isdigit() and 1024 <= int(low) <= int(high) - 19 <= 65516:
            return int(low), int(high)
        self.fault(
            name,
            f"{text!r} is not a range of at least 20 ports from 1024 to 65535",
            f"Write it as {default}",
        )
        return 40000, 40999

    def ice_servers(self, name: str) -> tuple[dict[str, object], ...]:
        """A JSON list of RTCIceServer objects; the value may hold a password: never shown.

        Instead of `username` and `credential` an entry may have the `secret` it shares with the
        relay, and `ttl_s`, how many seconds the credentials made with it are good for.
        """
        text = self.text(name, "[]")
        try:
            servers = json.loads(text)
        except ValueError:
            servers = None
        if not isinstance(servers, list) or not all(
            isinstance(server, dict) and server.get("urls") for server in servers
        ):
            self.fault(
                name,
                "is not a JSON list of ICE servers",
                'Write [{"urls": "stun:stun.example.jp:3478"}]',
            )
            return ()
        for server in servers:
            self._check_relay(name, server)
        return tuple(servers)

    def _check_relay(self, name: str, server: dict[str, object]) -> None:
        secret, ttl_s = server.get("secret"), server.get("ttl_s", 43200)
        if secret is None:
            return
        if not isinstance(secret, str) or len(secret) < SECRET_LENGTH:
            problem = f"has a relay with a secret shorter than {SECRET_LENGTH} characters"
        elif "username" in server or "credential" in server:
            problem = "has a relay with both a secret and a fixed user name or credential"
        elif type(ttl_s) is not int or not 300 <= ttl_s <= 172800:
            problem = "has a relay whose ttl_s is not a number of seconds from 300 to 172800"
        else:
            return
        example = '[{"urls": "turn:turn.example.jp:3478", "secret": "the relay\'s own"}]'
        self.fault(name, problem, f"Write {example}")

    def secret(self, name: str) -> str | None:
        """A secret text, or None when not set. Never shown."""
        text = self.text(name)
        if text and len(text) < SECRET_LENGTH:
            self.fault(
                name,
                f"is shorter than {SECRET_LENGTH} characters",
                "Set a longer random text, or unset it to have one generated",
            )
        return text or None

    def binary_keys(self, name: str, *, several: bool = False) -> tuple[bytes, ...] | None:
        """One key of 32 bytes (or several, newest first), or None when not set. Never shown."""
        text = self.text(name)
        if not text:
            return None
        parts = text.split(",") if several else [text]
        try:
            return tuple(decode_key(part) for part in parts)
        except ValueError:
            self.fault(
                name,
                f"is not base64 of {KEY_BYTES} bytes",
                "Set what `openssl rand -base64 32` prints, or unset it to have one generated",
            )
            return None


def decode_key(text: str) -> bytes:
    """The 32 bytes behind base64, plain or URL-safe; raises ValueError."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("wrong length")
    return key
