"""The front-end libraries are copied once, and again when the lock file changes."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from tools import vendor


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a lock file and what npm would have installed."""
    library = tmp_path / "node_modules" / "socket.io-client"
    (library / "dist").mkdir(parents=True)
    (library / "dist" / "socket.io.min.js").write_text("/* io */")
    (library / "package.json").write_text('{"version": "4.8.4"}')
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "VERSIONS", tmp_path / "vendor" / "VERSIONS.json")
    monkeypatch.setattr(vendor, "TESTS_STAMP", tmp_path / "node_modules" / ".stamp")
    return tmp_path


def test_nothing_copied_is_not_current(tree: Path) -> None:
    assert not vendor.is_current(tests=False)


def test_what_was_copied_is_current_until_the_lock_file_changes(tree: Path) -> None:
    vendor.copy_from(tree / "node_modules")
    assert vendor.is_current(tests=False)
    assert not vendor.is_current(tests=True)
    (tree / "package-lock.json").write_text('{"changed": true}')
    assert not vendor.is_current(tests=False)


def test_a_deleted_file_is_noticed(tree: Path) -> None:
    vendor.copy_from(tree / "node_modules")
    (tree / "vendor" / "socket.io.min.js").unlink()
    assert not vendor.is_current(tests=False)


def test_the_manifest_names_version_and_hash_of_each_file(tree: Path) -> None:
    vendor.copy_from(tree / "node_modules")
    (entry,) = json.loads((tree / "vendor" / "VERSIONS.json").read_text())["files"]
    digest = base64.b64encode(hashlib.sha384(b"/* io */").digest()).decode()
    assert entry == {
        "package": "socket.io-client",
        "version": "4.8.4",
        "file": "socket.io.min.js",
        "integrity": f"sha384-{digest}",
    }


def test_a_machine_without_npm_is_told_so(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["vendor"])
    monkeypatch.setattr("shutil.which", lambda name: None)
    (tree / "package.json").write_text("{}")
    assert vendor.main() == 1
    assert "npm is not installed" in capsys.readouterr().err
