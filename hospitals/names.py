"""What people may call things: short names, names, free text. Forms and services ask the same."""

import re
import unicodedata

from hefed.core.errors import BadInput
from hefed.core.words import Said

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
