"""A mail server on loopback: takes mails, or says what a test wants it to say."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from config_mail import MailServer
from tests.ports import free_tcp_port

SENDER = "desk@example.jp"
USERNAME, PASSWORD = "desk", "mail secret"


@dataclass
class FakeMailServer:
    """`answers`: what is said to the next recipients, or at the end of the next mails, in order."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logged_in: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Who it is to."""
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """The mail itself."""
        if self.data_answers:
            return self.data_answers.pop(0)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        self.recipients += envelope.rcpt_tos
        self.logged_in.append(bool(session.authenticated))
        return "250 taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any
    ) -> AuthResult:
        """One account."""
        right = isinstance(told, LoginPassword) and told == LoginPassword(
            USERNAME.encode(), PASSWORD.encode()
        )
        return AuthResult(success=right, handled=False)

    def settings(self, **more: Any) -> MailServer:
        """How the product reaches it."""
        told = {"security": "none", "sender": SENDER, **more}
        return MailServer("127.0.0.1", self.port, **told)


@contextmanager
def mail_server(
    *, auth: bool = False, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> Iterator[FakeMailServer]:
    """One that runs until the end of the block."""
    fake = FakeMailServer(free_tcp_port())
    options: dict[str, Any] = {}
    if auth:
        options |= {
            "authenticator": fake.authenticate,
            "auth_require_tls": False,
        }
    if starttls is not None:
        options["tls_context"] = starttls
    controller = Controller(
        fake, hostname="127.0.0.1", port=fake.port, ssl_context=tls, ready_timeout=30.0, **options
    )
    controller.start()
    try:
        yield fake
    finally:
        controller.stop()


def attachment(mail: EmailMessage) -> tuple[str, bytes]:
    """The name and the bytes of its one file."""
    [part] = mail.iter_attachments()
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return str(part.get_filename()), data


def text(mail: EmailMessage) -> str:
    """What it says."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
