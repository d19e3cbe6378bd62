"""Copy the front-end libraries of package-lock.json into agent_desk/static/vendor.

`npm ci --ignore-scripts` runs in a temporary directory, so that nothing but the copied files and
`VERSIONS.json` (version and sha384 of each) stays. With `--tests` it runs in the tree itself, whose
`node_modules` then also holds what only tests use. `--check` exits 0 when nothing is to be done.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "agent_desk" / "static" / "vendor"
VERSIONS = VENDOR / "VERSIONS.json"
LOCK = ROOT / "package-lock.json"
TESTS_STAMP = ROOT / "node_modules" / ".stamp"
FILES = {"socket.io-client": "dist/socket.io.min.js"}


def main() -> int:
    """Copy, or with `--check` say by the exit code whether everything is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 0 when nothing is to be done")
    parser.add_argument("--tests", action="store_true", help="also what only tests use")
    options = parser.parse_args()
    if is_current(tests=options.tests):
        return 0
    if options.check:
        return 1
    try:
        copy_libraries(tests=options.tests)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"The front-end libraries could not be fetched: {error}\n")
        return 1
    return 0


def is_current(*, tests: bool) -> bool:
    """Whether every file is there, made from the lock file as it is now."""
    lock = lock_hash()
    try:
        versions = json.loads(VERSIONS.read_text(encoding="utf-8"))
        files_there = all((VENDOR / entry["file"]).is_file() for entry in versions["files"])
        tests_there = not tests or TESTS_STAMP.read_text(encoding="utf-8") == lock
    except (OSError, ValueError, KeyError):
        return False
    return bool(versions["lock"] == lock and files_there and tests_there)


def copy_libraries(*, tests: bool) -> None:
    """Run npm and copy; raises OSError or CalledProcessError."""
    if tests:
        install(ROOT, omit_dev=False)
        copy_from(ROOT / "node_modules")
        TESTS_STAMP.write_text(lock_hash(), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory(prefix="agent-desk-npm-") as directory:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, directory)
        install(Path(directory), omit_dev=True)
        copy_from(Path(directory) / "node_modules")


def install(directory: Path, *, omit_dev: bool) -> None:
    """`npm ci` in `directory`: exactly the lock file's versions, checked by their hashes."""
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("npm is not installed")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    command += ["--loglevel=error", "--no-update-notifier"]
    command += ["--omit=dev"] if omit_dev else []
    subprocess.run(command, cwd=directory, check=True, stdout=sys.stderr)


def copy_from(modules: Path) -> None:
    """Copy each library's file out of `modules` and write VERSIONS.json last."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    entries = []
    for package, path in FILES.items():
        source = modules / package / path
        target = VENDOR / source.name
        shutil.copyfile(source, target)
        about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        digest = base64.b64encode(hashlib.sha384(target.read_bytes()).digest()).decode("ascii")
        entries.append(
            {
                "package": package,
                "version": about["version"],
                "file": target.name,
                "integrity": f"sha384-{digest}",
            }
        )
    text = json.dumps({"lock": lock_hash(), "files": entries}, indent=2)
    VERSIONS.write_text(f"{text}\n", encoding="utf-8")


def lock_hash() -> str:
    """The hash by which a changed lock file is noticed."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
