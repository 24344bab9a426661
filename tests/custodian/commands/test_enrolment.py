"""A machine gets its token for a code: once, for the right study, into files of its owner only."""

import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hefed.core.errors import BadInput, HEFedError, WrongKey
from hefed.custodian.__main__ import app
from hefed.custodian.commands.enrolment import ENROLMENT, TOKEN, enrol, enrolled
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import read_header
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.fake_server import PROFILE

CODE = "demo.7KQF-9XWM-T3PA"


@dataclass
class Office:
    """A server that gives a token for each code, once."""

    codes: dict[str, str] = field(default_factory=lambda: {CODE: "hefed_custodian_first"})
    study: str = "demo"
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    says: bytes = b""
    address: str = ""

    def answer(self, body: bytes) -> tuple[int, bytes]:
        token = self.codes.pop(json.loads(body)["code"], None)
        if self.says:
            return 200, self.says
        if token is None:
            return 404, b'{"error": "no such code"}'
        return 200, json.dumps(
            {"token": token, "study": self.study, "profile": PROFILE, "name": "Demonstration"}
        ).encode()


@pytest.fixture
def office() -> Iterator[Office]:
    found = Office()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802  the name is http.server's
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append((self.path, self.headers.get("Authorization", ""), body))
            status, content = found.answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """The suite's output stays readable."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        found.address = f"http://127.0.0.1:{httpd.server_port}"
        yield found
        httpd.shutdown()
        thread.join()


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words)], env={"COLUMNS": "300"})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_code_becomes_a_token_in_a_file_of_its_owner_only(office: Office, tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = invoke("enrol", "--home", home, "--server", office.address, "--code", CODE)
    assert result.exit_code == 0
    assert (home / TOKEN).read_text() == "hefed_custodian_first\n"
    assert stat.S_IMODE((home / TOKEN).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert "hefed_custodian_first" not in result.output


def test_a_code_is_sent_without_a_token_to_one_address(office: Office, tmp_path: Path) -> None:
    enrol(Home(tmp_path), office.address, f"  {CODE}\n")
    assert office.seen == [("/api/v1/custodian/enrol", "", json.dumps({"code": CODE}, separators=(",", ":")).encode())]


def test_a_used_code_gives_nothing_to_a_second_machine(office: Office, tmp_path: Path) -> None:
    enrol(Home(tmp_path / "first"), office.address, CODE)
    with pytest.raises(HEFedError):
        enrol(Home(tmp_path / "second"), office.address, CODE)
    assert files(tmp_path / "second") == []


def test_a_machine_with_a_token_keeps_it_and_spends_no_code(office: Office, tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text("the one in use\n")
    with pytest.raises(BadInput):
        enrol(Home(tmp_path), office.address, CODE)
    assert (tmp_path / TOKEN).read_text() == "the one in use\n"
    assert CODE in office.codes


def test_a_machine_whose_token_was_removed_enrols_anew_and_keeps_its_key(
    office: Office, home: Home, tmp_path: Path
) -> None:
    vault, ledger = home.vault.read_bytes(), home.ledger.read_bytes()
    enrol(home, office.address, CODE)
    (home.path / TOKEN).unlink()
    office.codes["demo.AAAA-BBBB-CCCC"] = "hefed_custodian_second"
    enrol(home, office.address, "demo.AAAA-BBBB-CCCC")
    assert (home.path / TOKEN).read_text() == "hefed_custodian_second\n"
    assert (home.vault.read_bytes(), home.ledger.read_bytes()) == (vault, ledger)


def test_a_code_of_another_study_leaves_no_token_beside_this_ones_key(office: Office, home: Home) -> None:
    office.study = "other"
    with pytest.raises(WrongKey):
        enrol(home, office.address, CODE)
    assert not (home.path / TOKEN).exists()
    assert not (home.path / ENROLMENT).exists()


@pytest.mark.parametrize("code", ["", "   ", "short", "x" * 121])
def test_what_cannot_be_a_code_is_not_sent(office: Office, tmp_path: Path, code: str) -> None:
    with pytest.raises(BadInput):
        enrol(Home(tmp_path / "home"), office.address, code)
    assert office.seen == []
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "says", [b"{}", b"[]", b"<html>", b'{"token": 1, "study": "demo", "profile": "N14_L9", "name": ""}', b"\xff"]
)
def test_a_server_that_answers_with_something_else_leaves_no_token(office: Office, tmp_path: Path, says: bytes) -> None:
    office.says = says
    with pytest.raises(HEFedError):
        enrol(Home(tmp_path / "home"), office.address, CODE)
    assert files(tmp_path / "home") == []


def test_later_commands_know_the_server_the_study_and_the_profile(office: Office, tmp_path: Path) -> None:
    home = tmp_path / "home"
    enrol(Home(home), office.address + "/", CODE)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    assert enrolled(home).server == office.address
    assert invoke("init", "--home", home, "--passphrase-file", tmp_path / "passphrase").exit_code == 0
    header = read_header(home / "vault.json")
    assert (header.study, header.profile) == ("demo", PROFILE)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"server": "x"}', '{"server":1,"study":"demo","profile":"N"}'])
def test_an_enrolment_that_was_changed_is_an_error_that_a_person_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / ENROLMENT).write_text(content)
    with pytest.raises(BadInput):
        enrolled(tmp_path)


def test_a_machine_that_is_not_enrolled_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        enrolled(tmp_path)
