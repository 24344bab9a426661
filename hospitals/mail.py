"""Mail leaves after the transaction that caused it; by default it is printed (EMAIL_BACKEND)."""

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from hospitals.words import one_line

_NOWHERE = ".invalid"  # reserved: an address of a trial or of an operator without one


def send_later(template: str, to: str, subject: str, context: Mapping[str, object]) -> None:
    """``context`` may hold ``path``; the template gets the whole address as ``url``.

    Whatever goes wrong with a mail is logged and undoes nothing of what was decided: the page shows it anyway.
    """
    if to.endswith(_NOWHERE):
        return
    url = settings.HEFED_PUBLIC_URL + str(context.get("path", "/"))
    transaction.on_commit(lambda: _send(template, {**context, "url": url}, subject, to), robust=True)


def _send(template: str, context: dict[str, object], subject: str, to: str) -> None:
    send_mail(f"HEFed: {one_line(subject)}", render_to_string(template, context), None, [to])
