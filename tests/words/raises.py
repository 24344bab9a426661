"""What tests expect to be said, by code and facts: rewording a message breaks no test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest
from django.utils.html import escape

from hefed.core.errors import HEFedError
from hefed.core.words import Fact, Said, words
from hefed.core.words.catalogue import CATALOGUE


class Answer(Protocol):
    """What an HTTP client of the API has received: httpx's response, or that of Django's test client."""

    @property
    def status_code(self) -> int: ...

    def json(self) -> Any: ...


@contextmanager
def says(
    code: str, kind: type[HEFedError] = HEFedError, /, **facts: Fact
) -> Iterator[pytest.ExceptionInfo[HEFedError]]:
    """The block raises ``kind`` that says this code, itself or in a fact, with at least these facts."""
    assert code in CATALOGUE, f"the catalogue has no {code}"
    with pytest.raises(kind) as raised:
        yield raised
    assert holds(raised.value.said, code, **facts), f"said {raised.value.said}"


def holds(said: object, code: str, /, **facts: Fact) -> bool:
    """Whether this was said, itself or in a fact, with at least these facts."""
    assert code in CATALOGUE, f"the catalogue has no {code}"
    expected = Said(code, **facts).facts.items()
    found = _all_said(said) if isinstance(said, Said) else ()
    return any(expected <= one.facts.items() for one in found if one.code == code)


def _all_said(said: Said) -> Iterator[Said]:
    yield said
    for fact in said.facts.values():
        for one in fact if isinstance(fact, tuple) else (fact,):
            if isinstance(one, Said):
                yield from _all_said(one)


def answers(response: Answer, status: int, code: str, /, **facts: Fact) -> None:
    """The API answered with this status and says this code, itself or in a fact, with at least these facts."""
    body = response.json()
    said = Said.from_json({"code": body["code"], "facts": body["facts"]})
    assert (response.status_code, holds(said, code, **facts)) == (status, True), f"said {said}"
    assert body["error"] == words(said)


def text(code: str, language: str = "en", /, **facts: Fact) -> str:
    """The words of a code of the catalogue, for what a command prints or a message holds."""
    assert code in CATALOGUE, f"the catalogue has no {code}"
    return words(Said(code, **facts), language)


def pattern(code: str, language: str = "en", /, **facts: Fact) -> str:
    """A regular expression for the words of a code, whatever the facts are that are not given here."""
    return re.escape(text(code, language, **facts)).replace("…", ".+")


def html(code: str, language: str = "en", /, **facts: Fact) -> str:
    """The same as a page shows it."""
    return escape(text(code, language, **facts))
