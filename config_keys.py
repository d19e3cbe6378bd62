"""The keys nobody set: generated once into `keys.json` of the data directory, mode 0600.

Losing this file loses the data it seals, so it is backed up like the database (docs/deploy.md).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from config_reader import KEY_BYTES

KEYS_FILE = "keys.json"


def stored_keys(data_dir: Path, names: Iterable[str]) -> dict[str, str]:
    """The stored text of each of `names`, generating what is missing.

    The parts of the product start at the same moment, so reading and adding happens under a file
    lock; the file is replaced as a whole, so a killed process leaves the old one or the new one.
    Raises OSError when the directory cannot be written, ValueError when the file is damaged.
    """
    wanted = list(names)
    if not wanted:
        return {}
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / KEYS_FILE
    with open(data_dir / f"{KEYS_FILE}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys = _read(path)
        missing = [name for name in wanted if name not in keys]
        if missing:
            keys |= {name: _generate() for name in missing}
            _replace(path, keys)
    return {name: keys[name] for name in wanted}


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    keys = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        raise ValueError(f"{path} is damaged")
    return keys


def _generate() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _replace(path: Path, keys: dict[str, str]) -> None:
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(keys, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
