"""What people read and write: words by code, names they may give, times of this site."""

import os
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from hefed.core.errors import BadInput, HEFedError
from hefed.core.words import Said, language_of, words
from hefed.core.words.catalogue import CATALOGUE

Sayable = Said | HEFedError | Mapping[str, Any] | list[Any] | tuple[Any, ...] | str


def page_words(value: Sayable) -> str:
    """The words of a code and its facts: as ``Said``, as an error, or as a JSON field keeps it; several with "; ".

    A text is a code whose facts were kept back, several of these with blanks between them, or a sentence that was
    stored before codes were.
    """
    if isinstance(value, str):
        codes = value.split()
        known = bool(codes) and all(code in CATALOGUE for code in codes)
        return "; ".join(words(Said(code), get_language() or "en") for code in codes) if known else value
    if isinstance(value, list | tuple):
        return "; ".join(page_words(one) for one in value)
    said = value.said if isinstance(value, HEFedError) else Said.from_json(value)
    return words(said, get_language() or "en")


def terminal_words(said: Said) -> str:
    """The words of a management command."""
    return words(said, language_of(os.environ))


# In results "pooled" stands for all hospitals together; the others could be taken for them, or for a part of them.
_OF_RESULTS = frozenset({"all", "alone", "holdout", "none", "null", "pool", "pooled", "train", "undefined"})
# Token files, logs and ceremonies are called after parties; a hospital must not be taken for another one.
_PARTIES = frozenset(
    {"admin", "administrator", "agent", "approver", "auditor", "clinician", "coordinator", "custodian", "encryptor"}
)
_OF_THE_SERVER = frozenset({"api", "audit", "hefed", "lead", "new", "platform", "root", "server", "static", "system"})
_NOUNS = frozenset({"batch", "ceremony", "hospital", "hospitals", "institution", "institutions", "studies", "study"})
RESERVED = _OF_RESULTS | _PARTIES | _OF_THE_SERVER | _NOUNS
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_BREAKS = frozenset("\n\r\t")
# Control characters, line and paragraph separators; and what turns the direction of the text around it.
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_slug(slug: str) -> None:
    """A short name of a hospital or a study; raises BadInput."""
    if not _SLUG.fullmatch(slug):
        raise BadInput("people.short_name_form", slug=ascii(slug))
    if slug.lower() in RESERVED:
        raise BadInput("people.short_name_reserved", slug=slug)


def check_line(field: Said, text: str) -> None:
    """A name: one line. It gets into subjects of mails, titles of pages and rows of tables; raises BadInput."""
    _check(field, text, has_control(text))


def check_text(field: Said, text: str) -> None:
    """Free text: it may have lines; raises BadInput."""
    _check(field, text, has_control(text, lines=True))


def has_control(text: str, *, lines: bool = False) -> bool:
    """``lines``: line breaks and tabs are fine."""
    return any(_is_control(letter) for letter in text if not (lines and letter in _BREAKS))


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in _CONTROL_CATEGORIES or letter in _TURNING


def _check(field: Said, text: str, found: bool) -> None:
    if found:
        raise BadInput("people.control_character", field=field, text=ascii(text[:60]))


def one_line(text: str) -> str:
    """With every control character and run of blanks made one blank, for the subject of a mail."""
    return " ".join("".join(" " if _is_control(letter) else letter for letter in text).split())


def site_time(when: datetime) -> str:
    """Day and time, such as ``2026-11-24 21:07 KST``."""
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M %Z}"


def site_clock(when: datetime) -> str:
    """The time of a moment within minutes of now, such as ``21:07 KST``."""
    return f"{timezone.localtime(when):%H:%M %Z}"
