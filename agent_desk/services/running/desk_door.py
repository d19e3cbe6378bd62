"""The running desk's internal routes, as the worker and the command line reach them."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REQUEST_S = 30.0


class DeskAway(Exception):
    """The desk does not answer; what was asked may be tried again later."""


class DeskRefused(Exception):
    """The desk answered that this cannot be done; `error_id` is stable, `details` are its own."""

    def __init__(self, error_id: str, **details: Any) -> None:
        super().__init__(error_id)
        self.error_id = error_id
        self.details: Mapping[str, Any] = details


class DeskDoor:
    """Asks with the key that only holders of DESK_SECRET_KEY can make."""

    def __init__(self, url: str, *, secret_key: str, tls_cert: Path | None) -> None:
        self._url = url
        key = hmac.new(secret_key.encode(), b"worker", hashlib.sha256).hexdigest()
        self._authorization = f"Bearer {key}"
        self._tls: ssl.SSLContext | None = None
        if tls_cert is not None:
            # The desk is on this machine and shows the certificate we know, whatever its name.
            self._tls = ssl.create_default_context(cafile=str(tls_cert))
            self._tls.check_hostname = False

    def post(self, path: str, payload: Mapping[str, Any]) -> bytes:
        """Deliver JSON; raises `DeskAway` or `DeskRefused`."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self._ask(path, body, content_type="application/json")

    def tell(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Deliver JSON and read the answer; raises `DeskAway` or `DeskRefused`."""
        answer: dict[str, Any] = json.loads(self.post(path, payload))
        return answer

    def upload(self, path: str, data: bytes) -> bytes:
        """Deliver a file; raises `DeskAway` or `DeskRefused`."""
        return self._ask(path, data, content_type="application/octet-stream")

    def get(self, path: str) -> bytes:
        """Ask; raises `DeskAway` or `DeskRefused`."""
        return self._ask(path, None, content_type="application/json")

    def _ask(self, path: str, body: bytes | None, *, content_type: str) -> bytes:
        request = urllib.request.Request(self._url + path, data=body)
        request.add_header("Authorization", self._authorization)
        request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_S, context=self._tls) as answer:
                read: bytes = answer.read()
                return read
        except urllib.error.HTTPError as error:
            with error:
                if error.code >= 500:
                    raise DeskAway(f"the desk answered {error.code}") from None
                raise _refusal(error.read()) from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            said = getattr(reason, "strerror", None) or str(reason)
            raise DeskAway(f"{self._url}: {said}") from None


def _refusal(body: bytes) -> DeskRefused:
    try:
        told = json.loads(body)["error"]
        return DeskRefused(str(told["id"]), **told.get("details", {}))
    except (ValueError, KeyError, TypeError):
        return DeskRefused("bad-payload")
