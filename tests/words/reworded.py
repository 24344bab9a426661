"""``python -m pytest -p tests.words.reworded``: the suite with other words in every message (PYTEST_DONT_REWRITE).

A test that fails under it hangs on a sentence. Processes that tests start speak the other words too.
"""

import codecs
import os
import re
from dataclasses import replace

import pytest

from hefed.core.words.catalogue import CATALOGUE
from hefed.core.words.template import PLACEHOLDER

# What programs read or people type: facts, `commands`, and words such as --home, /api/v1, CKKS_N13 or <table>.
KEPT = re.compile(rf"({PLACEHOLDER.pattern}|`[^`]*`|\S*(?:[-_/\d<>]|\.\w)\S*)")


def other_words(template: str) -> str:
    """The same template in rot13, but for what programs read or people type."""
    parts, end = [], 0
    for kept in KEPT.finditer(template):
        parts += [codecs.encode(template[end : kept.start()], "rot13"), kept[0]]
        end = kept.end()
    return "".join([*parts, codecs.encode(template[end:], "rot13")])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("golden_words"):
            item.add_marker(pytest.mark.skip(reason="holds the words themselves"))


os.environ["HEFED_REWORDED"] = "1"  # read by tests/__init__.py in the processes that tests start
CATALOGUE.update({code: replace(entry, en=other_words(entry.en)) for code, entry in CATALOGUE.items()})
