"""What a person at a hospital reads before approving: nothing of the preview is left out."""

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hefed.core.learning.disclosure import DEFAULT
from hefed.core.protocol.releases import PreviewContent, commit
from hefed.core.protocol.results import Reason
from hefed.core.words import Said
from hefed.custodian.commands.terminal import tables
from tests.words.raises import text

NAMES = st.text("abcdefgh", min_size=1, max_size=4)
NUMBERS = st.integers(1000, 9999) | st.floats(0.1, 0.9).map(lambda value: round(value, 6))
LEAVES = NUMBERS | st.none() | NAMES | st.tuples(NUMBERS, NUMBERS).map(list)
CONTENTS = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
)


def printed(content: object, notes: tuple[Reason, ...] = ()) -> str:
    preview = PreviewContent(
        study="demo",
        release="release-0001",
        version=1,
        digest="0" * 64,
        items=[commit("metrics", content)],
        notes=notes,
    )
    console = Console(file=StringIO(), width=4000)
    for shown in tables(preview):
        console.print(shown)
    return console.file.getvalue()


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [] if value is None else [str(value)]


@given(CONTENTS)
def test_every_number_and_text_is_printed(content: dict[str, object]) -> None:
    shown = printed(content)
    assert [leaf for leaf in leaves(content) if leaf not in shown] == []


def test_metrics_are_one_table_with_a_row_for_each_hospital_and_say_why_a_number_is_missing() -> None:
    seoul = {"auroc": 0.7195, "auroc_ci95": [0.6802, 0.7588], "suppressed": ""}
    jeju = {"auroc": None, "auroc_ci95": None, "suppressed": "suppressed: fewer than 20 deaths"}
    shown = printed({"seoul": seoul, "jeju": jeju}, notes=("Counts of 1 to 7 are suppressed.",))
    rows = [" ".join(line.replace("│", " ").split()) for line in shown.splitlines()]
    assert "seoul 0.7195 0.6802 to 0.7588" in rows
    assert "jeju - - suppressed: fewer than 20 deaths" in rows
    assert "- Counts of 1 to 7 are suppressed." in rows


def test_reasons_by_code_are_words_in_the_language_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEFED_LANGUAGE", "ko")
    why, note = DEFAULT.small, Said("releases.note_of_metrics", scope="jeju", why=DEFAULT.small)
    shown = printed({"jeju": {"auroc": None, "suppressed": why.to_json()}, "warnings": [why.to_json()]}, notes=(note,))
    assert text("disclosure.small", "ko", small_cell=7) in shown
    assert text("releases.note_of_metrics", "ko", scope="jeju", why=why) in shown
    assert "small_cell" not in shown


def test_brackets_in_a_text_are_no_markup() -> None:
    assert "[bold]x[/bold]" in printed({"why": "[bold]x[/bold]"})
