"""A certificate for 127.0.0.1 that a peer of a test may show; good for two days."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def make_certificate(key: Path, certificate: Path) -> None:
    """Write a key and the self-signed certificate for it, as PEM files."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    arguments += ["-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2"]
    arguments += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *arguments], check=True, capture_output=True)
