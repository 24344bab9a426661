import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from hefed.core.words import Said, words
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerBroken, read_lines, rule_words, verify
from tests.words.raises import says

RULE = Said("desk.not_expected", kind="hessian", round=2, job="j", expected=Said("desk.expected_nothing"))
KEY = b"k" * 32


@dataclass(frozen=True)
class Owner:
    fingerprint: str
    institution: str


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path, KEY)
    for number in range(4):
        ledger.append(Entry(event="request", request=f"r{number}", kind="gradient", rows=100, openings=number))
    return path


def _rewrite(path: Path, number: int, **changes: object) -> None:
    lines = path.read_text().splitlines()
    lines[number - 1] = json.dumps({**json.loads(lines[number - 1]), **changes}, sort_keys=True, separators=(",", ":"))
    path.write_text("\n".join(lines) + "\n")


def test_ledger_that_was_only_appended_to_holds(path: Path) -> None:
    assert verify(path, KEY) == 4
    assert [line.request for line in read_lines(path)] == ["r0", "r1", "r2", "r3"]


def test_ledger_is_readable_by_its_owner_only(path: Path) -> None:
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_ledger_names_the_line_that_was_changed(path: Path) -> None:
    _rewrite(path, 2, rows=99)
    with says("keeping.line_hash", LedgerBroken, line=2):
        verify(path)


def test_ledger_names_the_gap_when_a_line_was_removed(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))
    with says("keeping.line_number", LedgerBroken, line=2, found=3):
        verify(path)


def test_ledger_notices_lines_cut_from_the_end(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2]))
    with says("keeping.line_missing", LedgerBroken, line=3, written=4, left=2):
        verify(path)


def test_ledger_written_anew_by_a_stranger_is_noticed_with_the_vault(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()
    Ledger(path, b"s" * 32).append(Entry(event="request", request="forged"))
    assert verify(path) == 1
    with says("keeping.head_forged", LedgerBroken):
        verify(path, KEY)


def test_ledger_without_its_head_is_broken(path: Path) -> None:
    path.with_suffix(".head").unlink()
    with says("keeping.head_missing", LedgerBroken, file="ledger.head"):
        verify(path)


def test_ledger_names_a_line_that_is_no_json(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "{half\n", *lines[3:]]))
    with says("keeping.no_line", LedgerBroken, line=3):
        verify(path)


def test_ledger_goes_on_after_a_power_cut_in_the_middle_of_a_line(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"event":"answer","requ')
    Ledger(path, KEY).append(Entry(event="answer", request="r3"))
    assert verify(path, KEY) == 5


def test_ledger_head_may_lag_by_the_line_being_written(path: Path) -> None:
    head = path.with_suffix(".head").read_bytes()
    Ledger(path, KEY).append(Entry(event="answer", request="r3"))
    path.with_suffix(".head").write_bytes(head)
    assert verify(path, KEY) == 5


def test_rule_on_the_ledger_keeps_code_and_facts(path: Path) -> None:
    Ledger(path, KEY).append(Entry(event="answer", request="r3", outcome="refused", rule=RULE))
    line = list(read_lines(path))[-1]
    assert line.rule == RULE
    assert rule_words(line.rule) == words(RULE)
    assert rule_words(line.rule, "ko") == words(RULE, "ko")
    assert verify(path, KEY) == 5


def test_fact_of_a_rule_that_was_changed_breaks_the_chain(path: Path) -> None:
    Ledger(path, KEY).append(Entry(event="answer", request="r3", outcome="refused", rule=RULE))
    _rewrite(path, 5, rule={**RULE.to_json(), "facts": {**RULE.to_json()["facts"], "round": 3}})
    with says("keeping.line_hash", LedgerBroken, line=5):
        verify(path)


def test_ledger_of_before_rules_were_codes_holds_and_is_shown_as_it_is(path: Path) -> None:
    """Two lines as an earlier version wrote them; the second is chained to the first and the head to the second."""
    sentence = "cannot train on this pool: it has 40 rows and the policy asks for 50; add a hospital to the pool"
    Ledger(path, KEY).append(Entry(event="answer", request="r3", outcome="refused", rule=sentence))
    written = json.loads(path.read_text().splitlines()[-1])
    assert (written["rule"], verify(path, KEY)) == (sentence, 5)
    assert rule_words(list(read_lines(path))[-1].rule) == sentence


def test_key_taken_back_is_known_from_old_lines_and_new_ones(path: Path) -> None:
    first, second, third = ("a" * 64, "b" * 64, "c" * 64)
    ledger = Ledger(path, KEY)
    for entry in (
        Entry(event="trusted", rule=f"key {first} of west"),
        Entry(event="distrusted", rule=f"key {first}"),
        Entry(event="trusted", rule=f"key {second} of west, handed over by north"),
        records.distrusted(second),
        Entry(event="distrusted", rule=f"key {third}"),
        records.trusted(Owner(third, "west")),
    ):
        ledger.append(entry)
    assert records.distrusted_keys(read_lines(path)) == {first, second}
