"""Mail leaves after the transaction that caused it; by default it is printed (EMAIL_BACKEND)."""

import smtplib
from collections.abc import Mapping
from logging import getLogger

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

_log = getLogger(__name__)
_NOWHERE = ".invalid"  # reserved: an address of a trial or of an operator without one


def send_later(template: str, to: str, subject: str, context: Mapping[str, object]) -> None:
    """``context`` may hold ``path``; the template gets the whole address as ``url``."""
    if to.endswith(_NOWHERE):
        return
    url = settings.HEFED_PUBLIC_URL + str(context.get("path", "/"))
    text = render_to_string(template, {**context, "url": url})
    transaction.on_commit(lambda: _send(subject, text, to))


def _send(subject: str, text: str, to: str) -> None:
    """A mail server that does not answer must not undo what was decided: the page shows it anyway."""
    try:
        send_mail(f"HEFed: {subject}", text, None, [to])
    except (OSError, smtplib.SMTPException):
        _log.exception("a mail could not be sent")
