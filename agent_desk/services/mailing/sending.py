"""Handing a mail in at the server, and what its answer means.

What a server says may quote addresses: of an answer only its number is kept.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from agent_desk.services.mailing.tries import TRY_LATER, TRY_REFUSED, TRY_SENT, Ending
from config_mail import MailServer

PATIENCE_S = 30.0
PERMANENT = 500

# Why a mail is not sent, or not yet.
REFUSED = "refused"  # the server takes this mail never
PUT_OFF = "put-off"  # it does not take it now
UNREACHABLE = "unreachable"
NO_LOG_IN = "no-log-in"
NO_TLS = "no-tls"  # its certificate is not to be trusted, or it does not encrypt


class _Stopped(Exception):
    """It came to no mail: there was no connection of the kind that was asked for."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.ending = Ending(TRY_LATER, reason, code)


def send(
    server: MailServer, message: EmailMessage, *, trusted: ssl.SSLContext | None = None
) -> Ending:
    """Hand one mail in for the one person it is to; how that ended.

    `trusted`: whose certificates are believed; without it those this machine believes.
    """
    try:
        with _connected(server, trusted or ssl.create_default_context()) as smtp:
            return _handed_in(smtp, server, message)
    except _Stopped as stopped:
        return stopped.ending


def _handed_in(smtp: smtplib.SMTP, server: MailServer, message: EmailMessage) -> Ending:
    try:
        smtp.send_message(message, from_addr=server.sender, to_addrs=[str(message["To"])])
    except smtplib.SMTPRecipientsRefused as refused:
        [(code, _)] = refused.recipients.values()
        return _answered(code)
    except smtplib.SMTPResponseException as refused:
        return _answered(refused.smtp_code)
    except (smtplib.SMTPException, OSError):
        return Ending(TRY_LATER, UNREACHABLE)
    return Ending(TRY_SENT)


def _answered(code: int) -> Ending:
    if code >= PERMANENT:
        return Ending(TRY_REFUSED, REFUSED, code)
    return Ending(TRY_LATER, PUT_OFF, code)


@contextmanager
def _connected(server: MailServer, trusted: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """Greeted, encrypted and let in, as the settings say. Whatever a server says before it is told
    of a mail says nothing of the mail, so that it is tried again."""
    smtp = _opened(server, trusted)
    try:
        _secured(smtp, server, trusted)
        yield smtp
        _say_goodbye(smtp)
    finally:
        smtp.close()


def _opened(server: MailServer, trusted: ssl.SSLContext) -> smtplib.SMTP:
    try:
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=trusted)
        return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)
    except ssl.SSLError:
        raise _Stopped(NO_TLS) from None
    except smtplib.SMTPResponseException as refused:
        raise _Stopped(PUT_OFF, refused.smtp_code) from None
    except (smtplib.SMTPException, OSError):
        raise _Stopped(UNREACHABLE) from None


def _secured(smtp: smtplib.SMTP, server: MailServer, trusted: ssl.SSLContext) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=trusted)
            smtp.ehlo()
    except smtplib.SMTPServerDisconnected:
        raise _Stopped(UNREACHABLE) from None
    except (smtplib.SMTPException, ssl.SSLError):
        raise _Stopped(NO_TLS if server.security == "starttls" else PUT_OFF) from None
    except OSError:
        raise _Stopped(UNREACHABLE) from None
    if not server.username:
        return
    try:
        smtp.login(server.username, server.password)
    except smtplib.SMTPResponseException as refused:
        raise _Stopped(NO_LOG_IN, refused.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise _Stopped(NO_LOG_IN) from None
    except (smtplib.SMTPException, OSError):
        raise _Stopped(UNREACHABLE) from None


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    """What was taken is taken, however the server says goodbye."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        pass
