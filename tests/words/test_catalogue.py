"""The catalogue and the product fit: each code is listed once, said with its facts, and has words in both languages."""

import re

from hefed.core.words.catalogue import AREAS, BROWSER_AREAS, CATALOGUE
from hefed.core.words.said import CODE, NAME
from hefed.core.words.template import PLACEHOLDER, placeholders
from tests.words.reading import said_by_scripts, sayings, sayings_of_scripts, written

# Where a code that another party sent is made into something said, so that it cannot be read from the source.
NOT_CONVERTED = ("hospitals/words.py", "hefed/custodian/agent/lead.py")
LISTED = {code: entry for code, entry in CATALOGUE.items() if code != "legacy"}


def test_every_code_is_listed_and_said_with_exactly_its_facts():
    wrong = [
        (said.place, code)
        for said in sayings()
        for code in said.codes
        if code not in LISTED or (said.facts is not None and said.facts != LISTED[code].facts)
    ]
    assert wrong == []


def test_converted_modules_say_nothing_without_a_code():
    assert [said.place for said in sayings() if not said.codes and not said.path.startswith(NOT_CONVERTED)] == []


def test_every_listed_code_is_said_somewhere():
    assert set(LISTED) - written() == set()


def test_every_code_stands_once_in_the_area_that_begins_its_name():
    areas = {area.__name__.rpartition(".")[2]: [entry.code for entry in area.ENTRIES] for area in AREAS}

    wrong = [code for area, codes in areas.items() for code in codes if not code.startswith(f"{area}.")]

    assert wrong == []
    assert sum(map(len, areas.values())) == len(LISTED)
    assert [code for code in LISTED if not CODE.fullmatch(code)] == []


def test_every_code_has_words_in_both_languages_with_the_same_facts():
    lacking = [code for code, entry in LISTED.items() if not entry.en or not re.search("[가-힣]", entry.ko)]
    differing = [code for code, entry in LISTED.items() if placeholders(entry.en) != placeholders(entry.ko)]

    assert (lacking, differing) == ([], [])


def test_placeholders_are_well_formed():
    texts = [(code, text) for code, entry in LISTED.items() for text in (entry.en, entry.ko)]

    assert [code for code, text in texts if set("{}") & set(PLACEHOLDER.sub("", text))] == []
    assert [code for code, text in texts if not all(NAME.fullmatch(name) for name in placeholders(text))] == []


def test_scripts_say_only_what_their_catalogue_holds():
    known = {entry.code for area in BROWSER_AREAS for entry in area.ENTRIES}

    assert {path: codes - known for path, codes in said_by_scripts().items() if codes - known} == {}


def test_scripts_say_their_codes_with_exactly_their_facts():
    said = sayings_of_scripts()

    wrong = [(one.place, *one.codes) for one in said if one.facts != LISTED[one.codes[0]].facts]

    assert wrong == []
    assert len(said) > 50
