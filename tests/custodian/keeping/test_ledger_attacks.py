"""A ledger in the hands of somebody who wants a line gone, and one whose machine loses power at the worst moment."""

import json
import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hefed.custodian.keeping import ledger as ledger_module
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerBroken, read_lines, verify

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
LINES = 6


def write(path: Path, count: int = LINES, key: bytes = KEY) -> Path:
    ledger = Ledger(path, key)
    for number in range(count):
        ledger.append(Entry(event="request", request=f"r{number}", job="j1", round=number, rows=500))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "ledger.jsonl")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Of another custodian, with another vault."""
    (tmp_path / "other").mkdir()
    return write(tmp_path / "other" / "ledger.jsonl", key=OTHER_KEY)


def raw(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def head(path: Path) -> Path:
    return path.with_suffix(".head")


# ---- lines -----------------------------------------------------------------------------------------------------------


def swap(lines: list[bytes], at: int) -> list[bytes]:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return lines


TAMPERING: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the first line is gone": lambda lines: lines[1:],
    "a middle line is gone": lambda lines: lines[:2] + lines[3:],
    "the last two lines are gone": lambda lines: lines[:-2],
    "the last line is gone": lambda lines: lines[:-1],
    "all lines are gone": lambda lines: [],
    "the first two lines are swapped": lambda lines: swap(lines, 0),
    "the last two lines are swapped": lambda lines: swap(lines, LINES - 2),
    "a line is there twice": lambda lines: [*lines[:3], lines[2], *lines[3:]],
    "the last line is there twice": lambda lines: [*lines, lines[-1]],
    "a line is empty": lambda lines: [*lines[:3], b"\n", *lines[3:]],
    "a line ends early": lambda lines: [*lines[:3], lines[3][:-20] + b"\n", *lines[4:]],
    "a line is of other JSON": lambda lines: [*lines[:3], b"[]\n", *lines[4:]],
    "a line is no UTF-8": lambda lines: [*lines[:3], b"\xff\xfe\n", *lines[4:]],
}


@pytest.mark.parametrize("what", TAMPERING)
@pytest.mark.parametrize("key", [KEY, None])
def test_a_tampered_ledger_does_not_hold_with_and_without_the_pass_phrase(
    path: Path, what: str, key: bytes | None
) -> None:
    path.write_bytes(b"".join(TAMPERING[what](raw(path))))
    with pytest.raises(LedgerBroken):
        verify(path, key)


@pytest.mark.parametrize("at", range(LINES))
@pytest.mark.parametrize(("field", "value"), [("rows", 1), ("request", "r9"), ("event", "answer"), ("openings", 3)])
def test_a_changed_field_of_any_line_is_noticed(path: Path, at: int, field: str, value: object) -> None:
    lines = raw(path)
    lines[at] = json.dumps({**json.loads(lines[at]), field: value}).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


@pytest.mark.parametrize("at", [0, 2, LINES - 1])
def test_a_line_that_was_changed_with_its_hash_breaks_the_chain_behind_it(path: Path, at: int) -> None:
    """Whoever changes a line computes its hash anew; those after it, or the head, still name the old one."""
    stranger = Ledger(path.with_name("forged.jsonl"), KEY)
    for line in list(read_lines(path))[: at + 1]:
        fields = line.model_dump(include=set(Entry.model_fields))
        stranger.append(Entry(**{**fields, "rows": 1} if line.number == at + 1 else fields))
    forged = raw(path.with_name("forged.jsonl"))
    path.write_bytes(b"".join([*raw(path)[:at], forged[at], *raw(path)[at + 1 :]]))
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


def test_lines_of_another_ledger_do_not_follow(path: Path, other: Path) -> None:
    path.write_bytes(b"".join(raw(path)[:3] + raw(other)[3:]))
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


# ---- the head --------------------------------------------------------------------------------------------------------


def test_another_custodians_ledger_with_its_head_does_not_pass_for_this_ones(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())
    head(path).write_bytes(head(other).read_bytes())
    assert verify(path) == LINES  # whole in itself: only the vault's key tells
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


def test_lines_cut_off_with_an_old_head_are_noticed_by_who_has_the_newer_head_only(path: Path) -> None:
    """Restoring both files of an earlier day is a rollback that no file can show; one of the two alone is noticed."""
    old = path.read_bytes(), head(path).read_bytes()
    Ledger(path, KEY).append(Entry(event="answer", request="r9"))
    Ledger(path, KEY).append(Entry(event="answer", request="r10"))
    newer = path.read_bytes()
    path.write_bytes(old[0])
    with pytest.raises(LedgerBroken):
        verify(path, KEY)
    path.write_bytes(newer)
    head(path).write_bytes(old[1])
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"\xff", b'{"lines": 6}', b'{"lines":"6","hash":1,"mac":2}'])
def test_a_head_that_cannot_be_read_breaks_the_ledger(path: Path, content: bytes) -> None:
    head(path).write_bytes(content)
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


@pytest.mark.parametrize(("field", "value"), [("lines", 5), ("lines", 7), ("lines", 10**9), ("hash", "0" * 64)])
def test_a_head_with_another_end_breaks_the_ledger(path: Path, field: str, value: object) -> None:
    head(path).write_text(json.dumps({**json.loads(head(path).read_bytes()), field: value}))
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


def test_a_head_with_another_mac_breaks_the_ledger_for_who_has_the_pass_phrase(path: Path) -> None:
    head(path).write_text(json.dumps({**json.loads(head(path).read_bytes()), "mac": "0" * 64}))
    with pytest.raises(LedgerBroken):
        verify(path, KEY)


def test_a_ledger_that_was_never_begun_holds_no_line(tmp_path: Path) -> None:
    assert verify(tmp_path / "ledger.jsonl", KEY) == 0


# ---- power -----------------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    pass


def cut(*_: object, **__: object) -> None:
    raise PowerCut


@pytest.mark.parametrize("kept", [1, 2, 40, 100, 200])
def test_a_line_of_which_only_the_beginning_reached_the_disk_is_as_if_it_never_was(path: Path, kept: int) -> None:
    before = path.read_bytes(), head(path).read_bytes()
    Ledger(path, KEY).append(Entry(event="answer", request="lost"))
    lost = raw(path)[-1]
    path.write_bytes(before[0] + lost[:kept])
    head(path).write_bytes(before[1])
    line = Ledger(path, KEY).append(Entry(event="answer", request="kept"))
    assert line.number == LINES + 1
    assert verify(path, KEY) == LINES + 1
    assert "lost" not in [found.request for found in read_lines(path)]


def test_a_power_cut_before_a_line_was_written_leaves_the_ledger_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(ledger_module.os, "write", cut)
        with pytest.raises(PowerCut):
            Ledger(path, KEY).append(Entry(event="answer", request="lost"))
    assert path.read_bytes() == before
    assert verify(path, KEY) == LINES


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_power_cut_between_line_and_head_leaves_a_ledger_that_holds_and_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(*((ledger_module.os, "fsync", cut) if step == "fsync" else (Path, "replace", cut)))
        with pytest.raises(PowerCut):
            Ledger(path, KEY).append(Entry(event="answer", request="written"))
    assert verify(path, KEY) == LINES + 1
    Ledger(path, KEY).append(Entry(event="answer", request="next"))
    assert verify(path, KEY) == LINES + 2
    assert [line.request for line in read_lines(path)][-2:] == ["written", "next"]


def test_the_lock_is_free_again_after_a_power_cut(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ledger_module.os, "fsync", cut)
        with pytest.raises(PowerCut):
            Ledger(path, KEY).append(Entry(event="started"))
    Ledger(path, KEY).append(Entry(event="started"))
    assert verify(path, KEY) == LINES + 2


# ---- several at once -------------------------------------------------------------------------------------------------


def append_many(path: Path, name: str, count: int) -> None:
    ledger = Ledger(path, KEY)
    for number in range(count):
        ledger.append(Entry(event="answer", request=f"{name}-{number}"))


def test_two_processes_write_one_chain(path: Path) -> None:
    """`approve` beside a running agent."""
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=append_many, args=(path, name, 15)) for name in ("agent", "approve")]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert verify(path, KEY) == LINES + 30
    written = [line.request for line in read_lines(path)][LINES:]
    for name in ("agent", "approve"):
        assert [request for request in written if request.startswith(name)] == [f"{name}-{n}" for n in range(15)]


def test_two_ledgers_of_one_process_write_one_chain(path: Path) -> None:
    one, two = Ledger(path, KEY), Ledger(path, KEY)
    for number in range(4):
        (one if number % 2 else two).append(Entry(event="started"))
    assert [line.number for line in read_lines(path)] == list(range(1, LINES + 5))
    assert verify(path, KEY) == LINES + 4


def test_lines_carry_the_time_at_which_they_were_written(tmp_path: Path) -> None:
    moments = [datetime(2026, 11, 24, 23, 59, 59, 999000, UTC), datetime(2026, 11, 25, tzinfo=UTC)]
    left = list(moments)
    ledger = Ledger(tmp_path / "ledger.jsonl", KEY, now=lambda: left.pop(0))
    lines = [ledger.append(Entry(event="started")) for _ in moments]
    assert [datetime.fromisoformat(line.time) for line in lines] == moments


def test_a_text_of_a_server_cannot_begin_a_line_of_its_own(path: Path) -> None:
    evil = 'x\n{"event":"approved"}\r\n\u2028"request":"y'
    Ledger(path, KEY).append(Entry(event="conflict", request=evil))
    assert path.read_bytes().count(b"\n") == LINES + 1
    assert list(read_lines(path))[-1].request == evil
    assert verify(path, KEY) == LINES + 1
