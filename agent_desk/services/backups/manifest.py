"""What a backup says of itself: files with their hashes, tables with rows and digests, keys.

Keys are told by their fingerprints, so that a restore knows whether those at hand open it; the
keys themselves are in a backup only when that was asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent_desk.store.backups.digests import TableDigest
from config import DeskConfig

FILE = "manifest.json"
FORMAT = 1
_CHUNK = 1 << 20


class ManifestUnusable(Exception):
    """There is no manifest, or none of ours; the message is for people."""


@dataclass(frozen=True)
class FileDigest:
    """One file of the backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """See the module. Instants are ISO; `newest` is the business instant of the newest row."""

    began_at: str
    ended_at: str
    newest: str | None
    database: str
    schema: str
    epoch: int
    files: dict[str, FileDigest]
    tables: dict[str, TableDigest]
    keys: dict[str, list[str]]
    keys_included: bool
    recordings_included: bool
    recordings: int
    format: int = field(default=FORMAT)

    def write(self, folder: Path) -> None:
        """Put it into the backup's folder."""
        told = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        (folder / FILE).write_text(f"{told}\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """That of a folder; ManifestUnusable."""
        try:
            told: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
            if told.get("format") != FORMAT:
                raise ManifestUnusable(f"{folder}: format {told.get('format')}, known is {FORMAT}")
            files = {name: FileDigest(**each) for name, each in told.pop("files").items()}
            tables = {name: TableDigest(**each) for name, each in told.pop("tables").items()}
            return cls(files=files, tables=tables, **told)
        except FileNotFoundError:
            raise ManifestUnusable(
                f"{folder} has no {FILE}: it is no backup, or one that was never finished"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ManifestUnusable(f"{folder / FILE} is damaged: {fault}") from None


def digest_of(path: Path) -> FileDigest:
    """The size and hash of a file."""
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            seen.update(part)
    return FileDigest(path.stat().st_size, seen.hexdigest())


def fingerprints(config: DeskConfig) -> dict[str, list[str]]:
    """Of each key, by the setting it comes from; no key can be guessed from them."""
    keys = {
        "DESK_DATA_KEY": config.data_keys,
        "DESK_INDEX_KEY": (config.index_key,),
        "DESK_AUDIT_KEY": (config.audit_key,),
        "RECORDING_KEY": config.recording_keys,
    }
    return {name: [_fingerprint(name, key) for key in each] for name, each in keys.items()}


def missing_keys(told: dict[str, list[str]], at_hand: dict[str, list[str]]) -> list[str]:
    """The settings that lack a key with which the backup was made."""
    return sorted(name for name, each in told.items() if set(each) - set(at_hand.get(name, [])))


def _fingerprint(name: str, key: bytes) -> str:
    return hmac.new(key, f"backup {name}".encode(), hashlib.sha256).hexdigest()[:32]
