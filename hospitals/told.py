"""Sentences of the pure core and of the custodian, in the reader's language.

They are stored and signed as they were written, in English; a page translates what it knows and shows the rest as it
is (docs/adr/0905). The sentences come from hefed/core/learning/moments.py,
hefed/custodian/desk/admission.py and policy.py, and the reasons that this server writes.
tests/translation holds both together.
"""

import re

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from hospitals.told_sentences import FIT

# With placeholders that each stand for some text; the longer sentence before one that it contains.
SENTENCES = (
    *FIT,
    _("the sum of the intercept column is not the %(rows)s rows that the manifest declares"),
    _("column %(column)s: the sum of squares is not the sum, so it holds values other than 0 and 1"),
    _("column %(column)s: the sum of a 0/1 column must lie between 0 and the number of rows"),
    _("column %(column)s: more events than patients with a 1, or than events in all"),
    _("column %(column)s: the sum of squares is larger than values within +-4 allow; it was not encoded"),
    _("column %(column)s: its mean lies more than 3 scale units above the dictionary's centre"),
    _("column %(column)s: its mean lies more than 3 scale units below the dictionary's centre"),
    _("column %(column)s: about half of its values or more lie 4 scale units from the centre"),
    _("column %(column)s: its values look ten times too small against the dictionary's centre"),
    _("check the unit (the dictionary asks for %(unit)s), a factor of 10 for instance"),
    _("check the unit (the dictionary names no unit), a factor of 10 for instance"),
    _("variable %(variable)s: its levels add up to more than the number of rows; a patient has one level"),
    _("outcome %(outcome)s: the sum of squares is not the sum, so it holds values other than 0 and 1"),
    _("outcome %(outcome)s: the number of events must lie between 0 and the number of rows"),
    _("cannot train on this pool: it has %(rows)s rows and the policy asks for %(minimum)s"),
    _("cannot train on this pool: it holds fewer events than the policy's minimum of %(minimum)s"),
    _("add a hospital to the pool"),
    _("cannot train on the pool %(pool)s: it is not among the pools of the policy"),
    _("ask the custodian to add it to `pools`"),
    _("merge the level with another or drop the column"),
    _("drop the column or merge its level with another"),
    _("widen the pool or choose another outcome"),
    _("cancelled by %(who)s"),
    _("withdrawn by its hospital"),
    _("withdrawn by %(who)s"),
)


def _pattern(sentence: str) -> re.Pattern[str]:
    """``n`` is a number, others as little text as possible, at the end all that follows."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    gaps = (r"[\d,]+" if part == "n" else "[^;]+?" for part in parts[1::2])
    pieces = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>{next(gaps)})" for at, part in enumerate(parts)]
    return re.compile(r"(?<!\w)" + "".join(pieces) + ("$" if not parts[-1] else ""))


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in SENTENCES)


def told(text: str) -> str:
    """The same in the language of the page, as far as its sentences are known."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    for pattern, sentence in _PATTERNS:
        text = pattern.sub(lambda found, words=sentence: gettext(words) % found.groupdict(), text)  # type: ignore[misc]
    return text
