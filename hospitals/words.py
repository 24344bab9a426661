"""What is said by code, in the language of the page or of the command line."""

import os
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from hefed.core.errors import HEFedError
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
