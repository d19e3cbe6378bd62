"""Every setting of the desk and of the gateway, read from the environment and checked together.

A wrong setting stops the start with one message that names all of them: which one, what is wrong,
what to do. `config_reader.py` turns text into values, `config_trunks.py` knows the SIP trunks,
`config_mail.py` the server for mail, `config_keys.py` generates the keys nobody set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, get_args

from config_gateways import (
    desk_url,
    gateway_id,
    gateways,
    host_of,
    local_url,
    relay_bind,
    sip_bind,
)
from config_keys import KEYS_FILE, stored_keys
from config_mail import MailServer, read_mail
from config_reader import ConfigError, Fault, Reader, decode_key, is_loopback
from config_trunks import Trunk, is_practice, read_trunks

__all__ = ["ConfigError", "DeskConfig", "Fault", "GatewayConfig", "MailServer", "Trunk"]

Networks = tuple[IPv4Network | IPv6Network, ...]
IceServers = tuple[Mapping[str, Any], ...]
MediaPlane = Literal["auto", "direct", "peer_connection"]


@dataclass(frozen=True, kw_only=True)
class DeskConfig:
    """Settings of the desk, the worker and the command line: they share data and keys."""

    # DESK_HOST: address to listen on. Default 127.0.0.1
    host: str
    # DESK_PORT: TCP port, 1-65535. Default 5000
    port: int
    # DESK_DATA_DIR: directory of database, keys and logs. Default ./data
    data_dir: Path
    # DESK_DATABASE_URL: SQLite file or PostgreSQL. Default sqlite:///<DESK_DATA_DIR>/desk.db
    database_url: str = field(repr=False)
    # DESK_SECRET_KEY: signs cookies and tickets, 16 characters or more. Default generated
    secret_key: str = field(repr=False)
    # DESK_DATA_KEY: seals personal data; base64 of 32 bytes, several separated by commas: the
    # first seals, all of them open. Default generated
    data_keys: tuple[bytes, ...] = field(repr=False)
    # DESK_INDEX_KEY: keys the look-up hashes of numbers and names; base64 of 32 bytes. Generated
    index_key: bytes = field(repr=False)
    # DESK_AUDIT_KEY: chains the audit trail; base64 of 32 bytes. Default generated
    audit_key: bytes = field(repr=False)
    # DESK_REDIS_URL: redis:// or rediss://; reserved, not used yet. Default none
    redis_url: str | None = field(repr=False)
    # DESK_TLS_CERT: PEM file of the certificate and its chain. Default none: plain http
    tls_cert: Path | None
    # DESK_TLS_KEY: PEM file of the private key. Default none
    tls_key: Path | None
    # DESK_TRUSTED_PROXIES: addresses or networks, separated by commas, whose X-Forwarded-*
    # headers are believed. Default none
    trusted_proxies: Networks
    # DESK_SMTP_URL (smtp:// with ?starttls=1 perhaps, or smtps://) and DESK_MAIL_FROM: where mail
    # is handed in, and the address it comes from. Default none: no mail is sent
    mail: MailServer | None
    # GATEWAY_SECRET: shared with the gateway, 16 characters or more. Default generated
    gateway_secret: str = field(repr=False)
    # RECORDING_DIR: directory of sealed recordings. Default <DESK_DATA_DIR>/recordings
    recording_dir: Path
    # RECORDING_KEY: seals recordings; base64 of 32 bytes; several separated by commas: the first
    # seals, all open. Default generated
    recording_keys: tuple[bytes, ...] = field(repr=False)
    # SIP_TRUNK (host:port, with SIP_USERNAME, SIP_PASSWORD, SIP_DOMAIN, SIP_CALLER_ID) or
    # SIP_TRUNKS (a TOML file of [[trunk]] tables). Default the practice carrier
    trunks: tuple[Trunk, ...]
    # PRACTICE_CARRIER_PORT: UDP port of the practice carrier. Default 5070
    practice_port: int
    # Derived: the only trunk is the practice carrier on loopback
    practice: bool
    # GATEWAYS: how many gateways `python -m agent_desk up` starts, 1-64, or auto: one for each
    # processor but one. Default 1
    gateways: int
    # Derived: nobody named a trunk, so the supervisor starts the practice carrier
    own_practice_carrier: bool
    # ICE_SERVERS: JSON list of RTCIceServer objects for browsers and gateway. Default none
    ice_servers: IceServers = field(repr=False)
    # DESK_CLOCK_START: ISO instant at which business time starts. Default none: real time
    clock_start: datetime | None
    # DESK_CLOCK_ANCHOR: real ISO instant at which business time was DESK_CLOCK_START; the
    # supervisor sets it so that a restarted part keeps the same shift. Default the part's start
    clock_anchor: datetime | None

    @property
    def url(self) -> str:
        """The address a person on this machine opens."""
        return local_url(host=self.host, port=self.port, tls=self.tls_cert is not None)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the desk."""
        return is_loopback(self.host)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> DeskConfig:
        """Read and check everything; raises `ConfigError` with every fault found."""
        read = Reader(environ)
        shared = _shared(read)
        values: dict[str, Any] = dict(
            **_listening(read),
            **_clock(read, practice=shared["practice"]),
            database_url=_database_url(read, shared["data_dir"]),
            redis_url=read.url("DESK_REDIS_URL", schemes=("redis", "rediss")),
            mail=read_mail(read),
            gateways=gateways(read),
            own_practice_carrier=not (read.text("SIP_TRUNK") or read.text("SIP_TRUNKS")),
        )
        keys = _keys(
            read,
            data_dir=shared["data_dir"],
            secrets=("DESK_SECRET_KEY", "GATEWAY_SECRET"),
            binary=("DESK_DATA_KEY", "DESK_INDEX_KEY", "DESK_AUDIT_KEY", "RECORDING_KEY"),
        )
        return cls(
            **shared,
            **values,
            secret_key=keys["DESK_SECRET_KEY"],
            gateway_secret=keys["GATEWAY_SECRET"],
            data_keys=keys["DESK_DATA_KEY"],
            index_key=keys["DESK_INDEX_KEY"][0],
            audit_key=keys["DESK_AUDIT_KEY"][0],
            recording_keys=keys["RECORDING_KEY"],
        )


@dataclass(frozen=True, kw_only=True)
class GatewayConfig:
    """Settings of the gateway; those it shares with the desk have the same names and defaults."""

    # GATEWAY_ID: name of this gateway, unlike any other's. Default gw1
    gateway_id: str
    # DESK_URL: where the gateway reaches the desk. Default made of DESK_HOST, DESK_PORT and TLS
    desk_url: str
    # DESK_TLS_CERT: when set, the one certificate the desk may show. Default none: public CAs
    desk_certificate: Path | None
    # GATEWAY_SECRET: shared with the desk, 16 characters or more. Default generated, on one machine
    gateway_secret: str = field(repr=False)
    # GATEWAY_DATA_DIR: directory of dialog journal and outbox. Default <DESK_DATA_DIR>/gateway
    data_dir: Path
    # GATEWAY_PUBLIC_ADDRESS: IP address under which browsers reach the gateway through NAT;
    # default none: the addresses of this host
    public_address: str | None
    # MEDIA_PLANE: auto, direct or peer_connection: what carries seats' audio. Default auto: the
    # first that passes a test at start
    media_plane: MediaPlane
    # PROMPT_DIR: directory of an installation's own recordings. Default none: those we ship
    prompt_dir: Path | None
    # RECORDING_DIR: directory of sealed recordings. Default <DESK_DATA_DIR>/recordings
    recording_dir: Path
    # RECORDING_KEY: as for the desk. Default generated, on one machine
    recording_keys: tuple[bytes, ...] = field(repr=False)
    # SIP_TRUNK or SIP_TRUNKS, as for the desk. Default the practice carrier
    trunks: tuple[Trunk, ...]
    # PRACTICE_CARRIER_PORT: UDP port of the practice carrier. Default 5070
    practice_port: int
    # Derived: the only trunk is the practice carrier on loopback
    practice: bool
    # SIP_BIND: local address and UDP port of SIP (port 0: any free one). Default 127.0.0.1:0
    # when every trunk is on loopback, else 0.0.0.0:5060
    sip_bind: tuple[str, int]
    # RTP_PORTS: UDP ports of audio, both ends included. Default 40000-40999
    rtp_ports: tuple[int, int]
    # ICE_SERVERS: JSON list of RTCIceServer objects. Default none
    ice_servers: IceServers = field(repr=False)
    # GATEWAY_RELAY_BIND: address and UDP port at which other gateways reach this one (port 0: one
    # of RTP_PORTS). Default 127.0.0.1:0 when the desk is on loopback, else none: no relays
    relay_bind: tuple[str, int] | None
    # GATEWAY_DRAIN_S: seconds live calls have to finish after SIGTERM, 0-86400. Default 600
    drain_s: int
    # GATEWAY_LAG_LIMIT_MS: 99th percentile of the event loop's lag, in milliseconds, above which
    # the gateway takes no new calls, 1-10000. Default 20
    lag_limit_ms: int
    # Derived: the desk is on loopback, so browsers may be too and 127.0.0.1 is offered as well
    offer_loopback: bool

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> GatewayConfig:
        """Read and check everything; raises `ConfigError` with every fault found."""
        read = Reader(environ)
        shared = _shared(read)
        url = desk_url(read)
        desk_data_dir = shared.pop("data_dir")
        values: dict[str, Any] = dict(
            gateway_id=gateway_id(read),
            desk_url=url,
            data_dir=read.directory("GATEWAY_DATA_DIR", desk_data_dir / "gateway"),
            desk_certificate=read.file("DESK_TLS_CERT"),
            public_address=read.address("GATEWAY_PUBLIC_ADDRESS"),
            prompt_dir=read.existing_directory("PROMPT_DIR"),
            media_plane=read.one_of("MEDIA_PLANE", get_args(MediaPlane)),
            sip_bind=sip_bind(read, shared["trunks"]),
            rtp_ports=read.port_range("RTP_PORTS", "40000-40999"),
            offer_loopback=is_loopback(host_of(url)),
            relay_bind=relay_bind(read, one_machine=is_loopback(host_of(url))),
            drain_s=read.integer("GATEWAY_DRAIN_S", 600, low=0, high=86_400),
            lag_limit_ms=read.integer("GATEWAY_LAG_LIMIT_MS", 20, low=1, high=10_000),
        )
        keys = _keys(
            read,
            data_dir=desk_data_dir,
            secrets=("GATEWAY_SECRET",),
            binary=("RECORDING_KEY",),
            # Keys made up here would differ from those of a desk on another machine.
            generate=bool(not read.text("DESK_URL") or values["offer_loopback"]),
        )
        return cls(
            **shared,
            **values,
            gateway_secret=keys["GATEWAY_SECRET"],
            recording_keys=keys["RECORDING_KEY"],
        )


def _shared(read: Reader) -> dict[str, Any]:
    """What desk and gateway must read alike."""
    data_dir = read.directory("DESK_DATA_DIR", Path("data"))
    practice_port = read.integer("PRACTICE_CARRIER_PORT", 5070, low=1, high=65535)
    trunks = read_trunks(read, practice_port=practice_port)
    return dict(
        data_dir=data_dir,
        recording_dir=read.directory("RECORDING_DIR", data_dir / "recordings"),
        trunks=trunks,
        practice_port=practice_port,
        practice=is_practice(trunks, practice_port=practice_port),
        ice_servers=read.ice_servers("ICE_SERVERS"),
    )


def _listening(read: Reader) -> dict[str, Any]:
    """Where the desk listens; only loopback may do without TLS and without a proxy."""
    host = read.text("DESK_HOST", "127.0.0.1")
    tls_cert, tls_key = read.file("DESK_TLS_CERT"), read.file("DESK_TLS_KEY")
    proxies = read.networks("DESK_TRUSTED_PROXIES")
    if (tls_cert is None) != (tls_key is None):
        lacking = "DESK_TLS_KEY" if tls_key is None else "DESK_TLS_CERT"
        read.fault(lacking, "is missing: certificate and key go together", "Set both or neither")
    if not is_loopback(host) and tls_cert is None and not proxies:
        read.fault(
            "DESK_HOST",
            f"{host} can be reached from outside, where plain http shows passwords and personal "
            "data to the network and browsers refuse the microphone",
            "Set DESK_TLS_CERT and DESK_TLS_KEY, or DESK_TRUSTED_PROXIES to the proxy that does "
            "TLS, or listen on 127.0.0.1",
        )
    return dict(
        host=host,
        port=read.integer("DESK_PORT", 5000, low=1, high=65535),
        tls_cert=tls_cert,
        tls_key=tls_key,
        trusted_proxies=proxies,
    )


def _clock(read: Reader, *, practice: bool) -> dict[str, Any]:
    start, anchor = read.instant("DESK_CLOCK_START"), read.instant("DESK_CLOCK_ANCHOR")
    if start is not None and not practice:
        read.fault(
            "DESK_CLOCK_START",
            "shifts the clock of the calling rules, so real people could be called at night",
            "Unset it, or unset SIP_TRUNK and SIP_TRUNKS to dial the practice carrier",
        )
    if anchor is not None and start is None:
        read.fault("DESK_CLOCK_ANCHOR", "means nothing without DESK_CLOCK_START", "Unset it")
    return dict(clock_start=start, clock_anchor=anchor)


def _database_url(read: Reader, data_dir: Path) -> str:
    """The URL with the driver this product uses spelled out."""
    url = read.text("DESK_DATABASE_URL", f"sqlite:///{data_dir / 'desk.db'}")
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql", "postgresql+psycopg2") and rest:
        return f"postgresql+psycopg2://{rest}"
    if scheme == "sqlite" and len(rest) > 1 and rest.startswith("/") and ":memory:" not in rest:
        return url
    read.fault(
        "DESK_DATABASE_URL",
        "is neither a SQLite file nor PostgreSQL",
        "Write sqlite:////path/desk.db or postgresql://user:password@host/name",
    )
    return url


# Keys that can be replaced: a new one is put before the old.
_SEVERAL = ("DESK_DATA_KEY", "RECORDING_KEY")


def _keys(
    read: Reader,
    *,
    data_dir: Path,
    secrets: tuple[str, ...],
    binary: tuple[str, ...],
    generate: bool = True,
) -> dict[str, Any]:
    """Secrets as text and binary keys as tuples; raises `ConfigError`, being the last to read."""
    keys: dict[str, Any] = {name: read.secret(name) for name in secrets}
    keys |= {name: read.binary_keys(name, several=name in _SEVERAL) for name in binary}
    missing = [name for name in keys if not read.text(name)]
    if not generate:
        for name in missing:
            read.fault(name, "is not set and the desk is on another machine", "Copy the desk's")
    read.raise_faults()
    try:
        stored = stored_keys(data_dir, missing)
        keys |= {name: text for name, text in stored.items() if name in secrets}
        keys |= {name: (decode_key(text),) for name, text in stored.items() if name in binary}
    except (OSError, ValueError) as error:
        read.fault(
            "DESK_DATA_DIR",
            f"{data_dir / KEYS_FILE}: {error}",
            "Name a directory this user can write, or restore the file from its backup",
        )
        read.raise_faults()
    return keys
