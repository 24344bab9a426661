"""Every command, found in the program itself: with wrong arguments it does nothing, and its exit code says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from hefed.custodian.__main__ import app
from hefed.custodian.keeping.store import Home
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.fake_server import PROFILE

USAGE, REFUSED = 2, 1


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(get_command(app)))
PATHS = sorted(COMMANDS)
NAMES = [" ".join(path) for path in PATHS]

# A value for every parameter that some command requires; paths are relative to an empty directory.
VALUES = {
    "study": "demo",
    "institution": "north",
    "name": "North hospital",
    "server": "http://127.0.0.1:9",
    "code": "demo.7KQF-9XWM-T3PA",
    "fingerprint": "a" * 64,
    "release": "release-0001",
    "request": "r1",
    "batch": "b1",
    "reason": "a cell of three",
    "expect": "a" * 64,
    "parties": "2",
    "threshold": "2",
    "dealers": "1",
}
FILES = {"out": "out", "source": "source", "plan": "plan", "dealings": "dealing", "keys": "keys", "cards": "card.json"}
FILES |= {"dictionary": "dictionary.csv"}


def test_every_command_stands_in_the_list_of_the_documentation():
    text = (Path(__file__).resolve().parents[3] / "docs/custodian.md").read_text(encoding="utf-8")
    listed = text.split("## All commands")[1]

    assert [name for name in NAMES if f"`{name}`" not in listed] == []


@pytest.fixture(scope="module")
def home(template: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One directory for all: no command here may change it."""
    found = Home(tmp_path_factory.mktemp("usage") / "custodian")
    shutil.copytree(template.path, found.path)
    return found


def invoke(*words: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(app, [*map(str, words)], input=answers, env={"COLUMNS": "300"})


def words(path: tuple[str, ...], home: Path, leaving_out: str = "") -> list[str]:
    """The command with everything that it requires but for one parameter."""
    found = list(path)
    for parameter in COMMANDS[path].params:
        name = str(parameter.name)
        if not parameter.required or name == leaving_out:
            continue
        value = str(home) if name == "home" else VALUES.get(name) or str(home.parent / FILES[name])
        found += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Lock files are no content: they are empty, and there to be locked."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def required(path: tuple[str, ...]) -> list[str]:
    return [str(parameter.name) for parameter in COMMANDS[path].params if parameter.required]


MISSING = [(path, name) for path in PATHS for name in required(path)]


def test_there_are_commands_and_each_needs_something() -> None:
    assert len(PATHS) > 20
    assert all(required(path) for path in PATHS)


@pytest.mark.parametrize(("path", "name"), MISSING, ids=[f"{' '.join(path)} without {name}" for path, name in MISSING])
def test_a_command_without_something_that_it_needs_does_nothing(home: Home, path: tuple[str, ...], name: str) -> None:
    before = contents(home.path.parent)
    assert invoke(*words(path, home.path, leaving_out=name)).exit_code == USAGE
    assert contents(home.path.parent) == before


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
@pytest.mark.parametrize("more", [["--no-such-option"], ["one", "argument", "more"]], ids=["option", "argument"])
def test_a_command_with_something_that_it_does_not_know_does_nothing(
    home: Home, path: tuple[str, ...], more: list[str]
) -> None:
    before = contents(home.path.parent)
    assert invoke(*words(path, home.path), *more).exit_code == USAGE
    assert contents(home.path.parent) == before


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_command_explains_itself(path: tuple[str, ...]) -> None:
    result = invoke(*path, "--help")
    assert result.exit_code == 0
    assert path[-1] in result.output


@pytest.mark.parametrize("group", [[], ["ledger"], ["reshare"], ["approvers"], ["releases"]])
def test_a_group_without_a_command_and_with_an_unknown_one_does_nothing(group: list[str]) -> None:
    assert invoke(*group).exit_code == USAGE
    assert invoke(*group, "destroy").exit_code == USAGE


WITH_PASSPHRASE = [
    path for path in PATHS if any(parameter.name == "passphrase_file" for parameter in COMMANDS[path].params)
]
MAKING = [("init",), ("card",)]  # a new pass phrase is chosen there
OPENING = [path for path in WITH_PASSPHRASE if path not in MAKING]


@pytest.mark.parametrize("path", OPENING, ids=[" ".join(path) for path in OPENING])
@pytest.mark.parametrize("passphrase", ["a wrong pass phrase", "", "two\nlines", None])
def test_a_command_with_a_pass_phrase_that_does_not_open_refuses_and_changes_nothing(
    home: Home, tmp_path: Path, path: tuple[str, ...], passphrase: str | None
) -> None:
    file = tmp_path / "passphrase"
    if passphrase is not None:
        file.write_text(passphrase)
    before = contents(home.path.parent)
    assert invoke(*words(path, home.path), "--passphrase-file", file).exit_code == REFUSED
    assert contents(home.path.parent) == before


READING_NOTHING = ("ledger", "show")  # shows the lines that are there, also none
IN_EMPTY = [path for path in PATHS if path not in (*MAKING, READING_NOTHING, ("enrol",))]


@pytest.mark.parametrize("path", IN_EMPTY, ids=[" ".join(path) for path in IN_EMPTY])
def test_a_command_on_a_directory_that_does_not_exist_refuses_and_makes_no_key(
    tmp_path: Path, path: tuple[str, ...]
) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    more = ["--passphrase-file", tmp_path / "passphrase"] if path in WITH_PASSPHRASE else []
    assert invoke(*words(path, tmp_path / "home"), *more).exit_code == REFUSED
    assert contents(tmp_path).keys() == {"passphrase"}


def test_nothing_is_shown_of_a_ledger_that_is_not_there(tmp_path: Path) -> None:
    assert invoke("ledger", "show", "--home", tmp_path / "home").exit_code == 0
    assert not (tmp_path / "home").exists()


# ---- making a key ----------------------------------------------------------------------------------------------------


def init(folder: Path, *more: str, passphrase: str = PASSPHRASE) -> Result:
    (folder / "passphrase").write_text(passphrase)
    words_ = ["init", "--home", folder / "home", "--passphrase-file", folder / "passphrase"]
    return invoke(*words_, *(more or ("--study", "demo", "--profile", PROFILE)))


@pytest.mark.parametrize("passphrase", ["short", "", "eleven char"])
def test_no_key_is_made_under_a_pass_phrase_that_is_too_short(tmp_path: Path, passphrase: str) -> None:
    assert init(tmp_path, passphrase=passphrase).exit_code == REFUSED
    assert not (tmp_path / "home" / "vault.json").exists()


@pytest.mark.parametrize("profile", ["N99", "../N14_L9", "n14_l9"])
def test_no_key_is_made_for_a_profile_that_does_not_exist(tmp_path: Path, profile: str) -> None:
    assert init(tmp_path, "--study", "demo", "--profile", profile).exit_code == REFUSED
    assert not (tmp_path / "home" / "vault.json").exists()


@pytest.mark.parametrize("rule", ["never", "", "APPROVAL"])
def test_no_key_is_made_for_a_rule_that_does_not_exist(tmp_path: Path, rule: str) -> None:
    assert init(tmp_path, "--study", "demo", "--profile", PROFILE, "--release", rule).exit_code == USAGE
    assert not (tmp_path / "home").exists()


def test_a_key_is_made_once(home: Home, tmp_path: Path) -> None:
    before = contents(home.path)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    more = ["--study", "demo", "--profile", PROFILE, "--passphrase-file", tmp_path / "passphrase"]
    assert invoke("init", "--home", home.path, *more).exit_code == REFUSED
    assert contents(home.path) == before


def test_a_pass_phrase_that_is_typed_differently_the_second_time_makes_no_key(tmp_path: Path) -> None:
    typed = f"{PASSPHRASE}\n{PASSPHRASE}x\n" * 3
    result = invoke("init", "--home", tmp_path / "home", "--study", "demo", "--profile", PROFILE, answers=typed)
    assert result.exit_code != 0
    assert PASSPHRASE not in result.output
    assert not (tmp_path / "home" / "vault.json").exists()


@pytest.mark.parametrize(
    ("words_", "name"),
    [(("approve", "r9"), "answers"), (("forget", "b9"), "batches"), (("approve", "../x"), "answers")],
)
def test_what_is_not_there_is_neither_approved_nor_forgotten(
    home: Home, tmp_path: Path, words_: tuple[str, str], name: str
) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    before = contents(home.path)
    result = invoke(*words_, "--home", home.path, "--passphrase-file", tmp_path / "passphrase")
    assert result.exit_code == REFUSED
    assert contents(home.path) == before


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "80.5"])
def test_the_page_wants_a_port(home: Home, port: str) -> None:
    assert invoke("run", "--home", home.path, "--page", port).exit_code == USAGE
