"""TLS towards a carrier: 1.2 or newer, its certificate and its name checked, always.

There is no setting that leaves the check out: keys of the media (RFC 4568) and the account's digest
travel here. A carrier with a certificate of its own making is trusted by naming that certificate as
the CA file.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """PEM files. `ca`: who may have signed the carrier's certificate, None: the system's list.

    `certificate` and `key`: what we show, when the carrier asks, and when it connects to us.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def client(self) -> ssl.SSLContext:
        """For connections of ours. Raises OSError (ssl.SSLError) when a file cannot be used."""
        context = ssl.create_default_context(
            ssl.Purpose.SERVER_AUTH, cafile=str(self.ca) if self.ca else None
        )
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._show(context)
        return context

    def server(self) -> ssl.SSLContext | None:
        """For connections of the carrier; None without a certificate to show. Raises OSError."""
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._show(context)
        return context

    def _show(self, context: ssl.SSLContext) -> None:
        if self.certificate is not None:
            key = str(self.key) if self.key else None
            context.load_cert_chain(str(self.certificate), key)


def fault_text(fault: Exception) -> str:
    """Why a connection could not be made, in words for the one who set the trunk up."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"the trunk's certificate is not accepted: {fault.verify_message}"
    if isinstance(fault, ssl.SSLError):
        return f"no TLS with the trunk: {fault.reason or fault}"
    if isinstance(fault, TimeoutError):
        return "no connection to the trunk: no answer"
    if isinstance(fault, OSError) and fault.errno:
        return f"no connection to the trunk: {os.strerror(fault.errno).lower()}"
    return f"no connection to the trunk: {str(fault) or type(fault).__name__}"
