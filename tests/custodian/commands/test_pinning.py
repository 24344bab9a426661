"""What a key holder answers is pinned by a person who compares a fingerprint, and nothing else is answered after."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hefed.core.ckks.params import profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, WrongKey
from hefed.core.learning.kinds.table import KINDS
from hefed.core.learning.pinned import study_fingerprint
from hefed.core.protocol.fingerprint import grouped
from hefed.custodian.__main__ import app
from hefed.custodian.agent.loop import Agent
from hefed.custodian.commands.pinning import pin_study
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.cohort import DICTIONARY_CSV
from tests.custodian.conftest import NORTH, PASSPHRASE
from tests.custodian.fake_server import PROFILE, TOKEN, FakeServer
from tests.words.raises import says, text

DICTIONARY = DataDictionary.from_csv(DICTIONARY_CSV)
FINGERPRINT = study_fingerprint("demo", profile(PROFILE), DICTIONARY)
OTHER_SCALE = DICTIONARY_CSV.replace("60,15,60", "60,16,60")


def pin(custodian: Custodian, server: FakeServer, typed: str) -> str:
    return pin_study(custodian.home, custodian.vault, server.package(), typed)


@pytest.mark.parametrize("typed", [FINGERPRINT[:8], FINGERPRINT, grouped(FINGERPRINT).upper(), FINGERPRINT[:31]])
def test_eight_digits_or_more_of_the_fingerprint_pin_the_study(
    custodian: Custodian, server: FakeServer, home: Home, typed: str
) -> None:
    assert pin(custodian, server, typed) == FINGERPRINT == custodian.store.pinned()
    pin(custodian, server, typed)
    assert [line.event for line in read_lines(home.ledger)].count("pinned") == 1


@pytest.mark.parametrize("typed", ["", FINGERPRINT[:7], "not hexadecimal", FINGERPRINT[:8] + "xyz"])
def test_less_than_eight_digits_pin_nothing(custodian: Custodian, server: FakeServer, typed: str) -> None:
    with says("commands.pin_digits", BadInput, least=8):
        pin(custodian, server, typed)
    assert custodian.store.pinned() == ""


@pytest.mark.parametrize("typed", [FINGERPRINT[1:9], FINGERPRINT + "0", FINGERPRINT[:8][::-1]])
def test_digits_of_another_study_pin_nothing(custodian: Custodian, server: FakeServer, typed: str) -> None:
    with says("commands.pin_other", WrongKey):
        pin(custodian, server, typed)
    assert custodian.store.pinned() == ""


def test_a_server_that_shows_another_dictionary_is_not_pinned(custodian: Custodian, server: FakeServer) -> None:
    server.dictionary_csv = OTHER_SCALE
    with says("commands.pin_other", WrongKey):
        pin(custodian, server, FINGERPRINT[:12])


def test_nothing_is_answered_and_nothing_refused_while_the_study_is_another_one(
    custodian: Custodian, server: FakeServer, agent: Agent, home: Home
) -> None:
    pin(custodian, server, FINGERPRINT)
    request = server.upload("b1", "north", *NORTH)
    server.dictionary_csv = OTHER_SCALE
    agent.poll()
    assert (list(server.waiting), server.answers) == ([request.request], {})
    assert [line.event for line in read_lines(home.ledger)].count("request") == 0

    server.dictionary_csv = DICTIONARY_CSV
    agent.poll()
    assert server.answer(request.request).outcome == "admitted"


def test_what_changed_is_answered_once_a_person_pinned_it(
    custodian: Custodian, server: FakeServer, agent: Agent, home: Home
) -> None:
    pin(custodian, server, FINGERPRINT)
    server.dictionary_csv = OTHER_SCALE
    request = server.upload("b1", "north", *NORTH)
    agent.poll()
    assert request.request in server.waiting
    new = study_fingerprint("demo", profile(PROFILE), DataDictionary.from_csv(OTHER_SCALE))
    assert pin(custodian, server, new[:8]) == new
    agent.poll()
    assert request.request in server.answers
    rules = [line.rule for line in read_lines(home.ledger) if line.event == "pinned"]
    assert [getattr(rule, "facts", {}).get("before", "") for rule in rules] == ["", FINGERPRINT]


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], str]] = {
    "another study": lambda _: study_fingerprint("other", profile(PROFILE), DICTIONARY),
    "another profile": lambda _: study_fingerprint(
        "demo", replace(profile(PROFILE), scale_bits=profile(PROFILE).scale_bits - 1), DICTIONARY
    ),
    "another scale": lambda _: study_fingerprint("demo", profile(PROFILE), DataDictionary.from_csv(OTHER_SCALE)),
    "another order of rounds": lambda patch: _with(patch, "follows", frozenset({"moments"})),
    "another circuit": lambda patch: _with(patch, "levels", {15: 3}),
    "other rows": lambda patch: _with(patch, "roles", ("train", "holdout")),
}


def _with(patch: pytest.MonkeyPatch, name: str, value: object) -> str:
    patch.setattr(type(KINDS["hessian"]), name, value)
    return study_fingerprint("demo", profile(PROFILE), DICTIONARY)


@pytest.mark.parametrize("change", CHANGES)
def test_the_fingerprint_is_another_with(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CHANGES[change](monkeypatch) != FINGERPRINT


def test_author_computes_and_holder_pins_from_the_command_line(server: FakeServer, home: Home, tmp_path: Path) -> None:
    (tmp_path / "dictionary.csv").write_text(DICTIONARY_CSV)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "token").write_text(TOKEN)
    words = ["fingerprint", "--study", "demo", "--profile", PROFILE, "--dictionary", tmp_path / "dictionary.csv"]
    computed = CliRunner().invoke(app, [*map(str, words)])
    assert computed.stdout.split() == grouped(FINGERPRINT).split()

    at = ["--home", home.path, "--server", server.address]
    at += ["--token-file", tmp_path / "token", "--passphrase-file", tmp_path / "passphrase"]
    refused = CliRunner().invoke(app, [*map(str, ["run", *at, "--once"])])
    assert refused.exit_code == 1
    assert text("commands.not_pinned") in " ".join(refused.stderr.split())
    wrong = CliRunner().invoke(app, [*map(str, ["pin", *at])], input="00000000\n")
    assert wrong.exit_code == 1
    assert FINGERPRINT[:4] not in wrong.stdout
    done = CliRunner().invoke(app, [*map(str, ["pin", *at])], input=f"{FINGERPRINT[:8]}\n")
    assert done.exit_code == 0, done.stderr
    assert "age, centre 60, scale 15" in done.stdout
    assert CliRunner().invoke(app, [*map(str, ["run", *at, "--once"])]).exit_code == 0
