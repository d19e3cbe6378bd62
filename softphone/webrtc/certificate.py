"""The one certificate of this process, and the OpenSSL context that goes with it.

A new key for each leg would cost more than the leg, and a context of its own some 60 kB of memory.
"""

from __future__ import annotations

import datetime
from typing import Any

from aiortc import RTCCertificate

_RENEW_BEFORE = datetime.timedelta(days=1)

_certificate: ProcessCertificate | None = None


class ProcessCertificate(RTCCertificate):
    """aiortc's certificate, which makes its OpenSSL context once."""

    _context: Any = None

    def _create_ssl_context(self, srtp_profiles: list[Any]) -> Any:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context


def process_certificate() -> RTCCertificate:
    """The certificate all legs show; a new one when it would soon expire."""
    global _certificate
    now = datetime.datetime.now(datetime.UTC)
    if _certificate is None or _certificate.expires - now < _RENEW_BEFORE:
        _certificate = ProcessCertificate.generateCertificate()
    return _certificate
