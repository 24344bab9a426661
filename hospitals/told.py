"""Sentences of the pure core and of the custodian, in the reader's language.

They are stored and signed as they were written, in English; a page translates what it knows and shows the rest as it
is (docs/adr/0905). The sentences come from hefed/core/learning/disclosure.py and
table_one.py, and the reasons that this server writes.
tests/translation holds both together.
"""

import re

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from hospitals.told_sentences import AGENT_VERDICTS, RELEASE_NOTES

# With placeholders that each stand for some text; the longer sentence before one that it contains.
SENTENCES = (
    *RELEASE_NOTES,
    _("suppressed: fewer than %(n)s deaths or survivors among this hospital's held-out patients"),
    _("suppressed: fewer than %(n)s deaths or survivors among the held-out patients"),
    _("suppressed: fewer than %(n)s deaths or survivors in a step"),
    _("suppressed: pooled and own patients differ by %(n)s or fewer, and the pooled numbers are shown"),
    _("suppressed: would reveal a small number elsewhere"),
    _("suppressed: %(n)s or fewer deaths or survivors"),
    _("suppressed: %(n)s or fewer patients"),
    _("suppressed: %(n)s or fewer"),
    _("no batch admitted yet"),
    _("the metrics are sealed"),
    _(
        "fewer than %(n)s deaths (or survivors) per column, with %(columns)s columns: "
        "estimates are unstable and too extreme; widen the pool or drop columns"
    ),
    _("waits for a request that a known key signed"),
    _("approved by %(n)s of %(needed)s institutions (none yet)"),
    _("approved by %(n)s of %(needed)s institutions (%(names)s)"),
    _("the approval of %(key)s does not count: that institution asked for the release"),
    _("the approval of %(key)s does not count: that institution has approved already"),
    _("somebody of another one must approve"),
    *AGENT_VERDICTS,
    _("cancelled by %(who)s"),
    _("withdrawn by its hospital"),
    _("withdrawn by %(who)s"),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    """``n`` is a number, others as little text as possible, at the end all that follows. Twin: static/i18n/told.js."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    gaps = (r"[\d,]+" if part == "n" else "[^;]+?" for part in parts[1::2])
    pieces = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>{next(gaps)})" for at, part in enumerate(parts)]
    return re.compile(r"(?<!\w)" + "".join(pieces) + ("$" if not parts[-1] else ""))


def sentences_told() -> list[tuple[str, str]]:
    """Every sentence with its translation, for scripts that read what this server cannot: none on an English page."""
    return [] if (get_language() or "en").startswith("en") else [(one, gettext(one)) for one in SENTENCES]


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in SENTENCES)


def told(text: str) -> str:
    """The same in the language of the page, as far as its sentences are known."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    for pattern, sentence in _PATTERNS:
        text = pattern.sub(lambda found, words=sentence: gettext(words) % found.groupdict(), text)  # type: ignore[misc]
    return text
