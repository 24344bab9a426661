"""The commands as a hospital types them, their exit codes, and what they leave on disk."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.uploads import StudyPackage, holdout_ids
from hefed.core.words import Fact, Said
from hefed.encryptor.batchfile import BatchReader
from hefed.encryptor.client import PATIENCE, Source
from hefed.encryptor.commands import app
from hefed.encryptor.screen import ExitCode, code_of
from tests.encryptor.conftest import patients
from tests.encryptor.server import StudyServer
from tests.words.raises import says, text

Write = Callable[..., Path]
Command = Callable[..., Result]
MARKER = "SECRETVALUE"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty directory with a state directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hefed.encryptor.upload.Sending.poll_seconds", 0.01)

    def command(name: str, *arguments: object) -> Result:
        state = [] if name == "fetch" else ["--state-dir", str(tmp_path / "state")]
        return CliRunner().invoke(app, [name, *map(str, arguments), *state])

    return command


@pytest.fixture
def online(server: StudyServer, token_file: Path) -> list[object]:
    return ["--server", server.address, "--token-file", token_file]


@pytest.fixture
def offline(tmp_path: Path, package: StudyPackage, public_key: bytes) -> list[object]:
    (tmp_path / "study.json").write_text(package.model_dump_json())
    (tmp_path / "key.hefed").write_bytes(public_key)
    return ["--study-file", tmp_path / "study.json", "--key-file", tmp_path / "key.hefed", "--workers", 1]


def test_check_accepts_a_good_table(run: Command, online: list[object], table: Path, package: StudyPackage) -> None:
    result = run("check", table, *online)

    assert result.exit_code == ExitCode.OK
    held = len(holdout_ids([f"p{n}" for n in range(40)], package.holdout))
    assert text("encryptor.ready", patients=40, held=held, events=6) in result.output


def test_check_refuses_a_bad_table_and_lists_rows_on_request(
    run: Command, online: list[object], write_table: Write, tmp_path: Path
) -> None:
    path = write_table(patients(5) + f"p9,{MARKER},1,F,1,none,0\n")
    result = run("check", path, *online, "--refused-rows", tmp_path / "rows.csv")

    assert result.exit_code == ExitCode.TABLE_REFUSED
    cause = {"cell": Said("table.cell_text"), "remedy": Said("table.write_decimal")}
    where = Said("table.rows", rows=(7,))
    assert text("encryptor.cause", column="age", where=where, **cause) in result.output
    assert (tmp_path / "rows.csv").read_text().splitlines()[1].startswith(f"7,age,{text('table.cell_text')},")
    assert MARKER not in result.output + (tmp_path / "rows.csv").read_text()


def test_fetch_then_encrypt_without_network_then_upload(
    run: Command, online: list[object], table: Path, tmp_path: Path, sealed_study: object, server: StudyServer
) -> None:
    fetched = run("fetch", *online, "--out", tmp_path / "study")
    files = ["--study-file", tmp_path / "study/study.json", "--key-file", tmp_path / "study/public-key.hefed"]
    made = run("encrypt", table, *files, "--out", "a.hefed.zip", "--workers", 1, "--summary", "summary.json")
    sent = run("upload", "a.hefed.zip", *online)

    assert [fetched.exit_code, made.exit_code, sent.exit_code] == [ExitCode.OK] * 3
    assert grouped(sealed_study.fingerprint) in made.output
    assert text("encryptor.admitted", batch="batch-0001") in sent.output
    summary = json.loads(Path("summary.json").read_text())
    manifest = BatchReader(Path("a.hefed.zip")).manifest
    assert (summary["patients"], summary["blocks"]) == (40, 2) == (manifest.patients, len(manifest.blocks))
    assert summary["seconds"].keys() == {"check", "encrypt"}
    with zipfile.ZipFile("a.hefed.zip") as archive:
        assert archive.testzip() is None


def test_push_admits_a_table_and_repeats_without_effect(
    run: Command, online: list[object], table: Path, server: StudyServer
) -> None:
    first = run("push", table, *online, "--workers", 1)
    received = server.received
    again = run("push", table, *online, "--workers", 1)

    assert (first.exit_code, again.exit_code) == (ExitCode.OK, ExitCode.OK)
    assert text("encryptor.sent_before", batch="batch-0001", state="admitted") in again.output
    assert (server.received, len(server.batches)) == (received, 1)


def test_push_that_was_cut_continues_with_the_same_batch(
    run: Command, online: list[object], table: Path, server: StudyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hefed.encryptor.client.PATIENCE", replace(PATIENCE, attempts=1))
    server.cuts = [100_000]
    cut = run("push", table, *online, "--workers", 1)
    again = run("push", table, *online, "--workers", 1)

    assert (cut.exit_code, again.exit_code) == (ExitCode.SERVER, ExitCode.OK)
    assert text("encryptor.continuing", patients=40) in again.output
    (batch,) = server.batches.values()
    assert server.received == sum(block.bytes for block in batch.manifest.blocks)


def test_patient_sent_in_another_batch_is_caught_here(
    run: Command, online: list[object], write_table: Write, server: StudyServer
) -> None:
    run("push", write_table(patients(12), name="first.csv"), *online, "--workers", 1)
    overlapping = write_table(patients(12, first=11), name="second.csv")
    refused = run("push", overlapping, *online, "--workers", 1)
    skipped = run("push", overlapping, *online, "--workers", 1, "--skip-invalid")

    assert refused.exit_code == ExitCode.TABLE_REFUSED
    assert text("table.id_sent") in refused.output
    assert skipped.exit_code == ExitCode.OK
    assert [batch.manifest.patients for batch in server.batches.values()] == [12, 11]


def test_quarantined_batch_is_told_and_frees_its_patients(
    run: Command, online: list[object], table: Path, server: StudyServer
) -> None:
    server.verdict, server.reason = "quarantined", "column age: more spread than clipping allows"
    refused = run("push", table, *online, "--workers", 1)
    server.verdict = "admitted"
    corrected = run("push", table, *online, "--workers", 1)

    assert refused.exit_code == ExitCode.QUARANTINED and server.reason in refused.output
    assert corrected.exit_code == ExitCode.OK and len(server.batches) == 2


def test_skip_invalid_leaves_rows_out_and_writes_their_numbers(
    run: Command, offline: list[object], write_table: Write, tmp_path: Path
) -> None:
    path = write_table(patients(5) + f"p9,{MARKER},1,F,1,none,0\n")
    result = run("encrypt", path, *offline, "--skip-invalid")

    assert result.exit_code == ExitCode.OK
    assert BatchReader(tmp_path / "table.hefed.zip").manifest.patients == 5
    assert (tmp_path / "refused-rows.csv").read_text().splitlines()[1].startswith(f"7,age,{text('table.cell_text')},")


@pytest.mark.parametrize("rows", ["", "p1,x,1,F,1,none,0\n"])
def test_table_without_a_valid_patient_is_refused(
    run: Command, offline: list[object], write_table: Write, rows: str
) -> None:
    result = run("encrypt", write_table(rows), *offline, "--skip-invalid")
    assert result.exit_code == ExitCode.TABLE_REFUSED
    assert text("encryptor.no_patient", name="table.csv") in result.output


def unwrapped(shown: str) -> str:
    """Without the line breaks of a narrow terminal."""
    return "".join(shown.split())


def test_errors_are_told_in_korean_to_who_asks_for_it(
    run: Command, offline: list[object], table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEFED_LANGUAGE", "ko")
    result = run("encrypt", table, *offline, "--expect-fingerprint", "abcd")

    assert unwrapped(text("protocol.fingerprint_length", "ko", found=4)) in unwrapped(result.output)


def test_unexpected_fingerprint_stops_before_anything_is_read(
    run: Command, offline: list[object], table: Path, sealed_study: object
) -> None:
    wrong = run("encrypt", table, *offline, "--expect-fingerprint", "ab " * 32)
    short = run("encrypt", table, *offline, "--expect-fingerprint", "abcd")
    right = run("encrypt", table, *offline, "--expect-fingerprint", grouped(sealed_study.fingerprint).upper())

    assert (wrong.exit_code, short.exit_code) == (ExitCode.STUDY_OR_KEY, ExitCode.USAGE)
    facts = {"found": grouped(sealed_study.fingerprint), "wanted": grouped("ab" * 32)}
    assert wrong.output.strip() == text("encryptor.fingerprint_expected", **facts)
    assert right.exit_code == ExitCode.OK


@pytest.mark.parametrize(
    ("change", "code", "facts"),
    [
        ({"dictionary_digest": "0" * 64}, "encryptor.package_digest", {"announced": "0" * 16}),
        ({"key": None}, "encryptor.no_key", {}),
        ({"study": "other"}, "protocol.envelope_label", {"name": "study", "found": "surgery", "wanted": "other"}),
        ({"profile": "N14_L9"}, "protocol.envelope_label", {"name": "profile", "wanted": "N14_L9"}),
        (
            {"key": {"fingerprint": "1" * 64, "published_at": ""}},
            "encryptor.fingerprint_package",
            {"wanted": grouped("1" * 64)},
        ),
        ({"profile": "N99"}, "ckks.profile_unknown", {"name": "N99"}),
    ],
)
def test_package_and_key_that_do_not_belong_together_are_refused(
    offline: list[object], tmp_path: Path, change: dict[str, object], code: str, facts: dict[str, Fact]
) -> None:
    package = json.loads((tmp_path / "study.json").read_text()) | change
    (tmp_path / "study.json").write_text(json.dumps(package))
    with says(code, **facts) as refused:
        Source(study_file=tmp_path / "study.json", key_file=tmp_path / "key.hefed").sealed_study(None)

    assert code_of(refused.value) == ExitCode.STUDY_OR_KEY


@pytest.mark.parametrize(("name", "content"), [("study.json", "{}"), ("study.json", "no"), ("key.hefed", "no key")])
def test_file_that_is_no_package_or_key_is_refused(
    run: Command, offline: list[object], table: Path, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    assert run("encrypt", table, *offline).exit_code == ExitCode.STUDY_OR_KEY


def test_flipped_bit_in_the_key_file_is_noticed(
    run: Command, offline: list[object], table: Path, tmp_path: Path
) -> None:
    data = bytearray((tmp_path / "key.hefed").read_bytes())
    data[-1000] ^= 1
    (tmp_path / "key.hefed").write_bytes(data)
    assert run("encrypt", table, *offline).exit_code == ExitCode.STUDY_OR_KEY


def test_damaged_batch_file_is_refused_before_sending(
    run: Command, online: list[object], tmp_path: Path, server: StudyServer
) -> None:
    (tmp_path / "a.hefed.zip").write_bytes(b"PK\x03\x04 nothing")
    assert run("upload", "a.hefed.zip", *online).exit_code == ExitCode.BATCH_FILE
    assert server.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "missing.csv"],
        ["check", "token"],
        ["encrypt", "token"],
        ["upload", "token"],
        ["push"],
        ["nonsense"],
        ["check", "token", "--server", "http://127.0.0.1:9"],
    ],
)
def test_wrong_usage_has_its_own_code(run: Command, token_file: Path, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == ExitCode.USAGE


def test_server_refusal_and_conflict_have_their_own_codes(
    run: Command, online: list[object], offline: list[object], table: Path, server: StudyServer, tmp_path: Path
) -> None:
    for name in ("a.hefed.zip", "b.hefed.zip"):
        assert run("encrypt", table, *offline, "--out", name).exit_code == ExitCode.OK
    assert run("upload", "a.hefed.zip", *online, "--no-wait").exit_code == ExitCode.OK
    assert run("upload", "b.hefed.zip", *online).exit_code == ExitCode.CONFLICT
    (tmp_path / "token").write_text("hefed_other")
    assert run("upload", "a.hefed.zip", *online).exit_code == ExitCode.SERVER


def test_nothing_about_a_patient_is_left_on_disk_or_sent(
    run: Command, online: list[object], write_table: Write, tmp_path: Path, server: StudyServer
) -> None:
    path = write_table(patients(6).replace("p3,", f"{MARKER},"), name="source.csv")
    before = set(tmp_path.rglob("*"))
    result = run("push", path, *online, "--workers", 1, "--summary", "summary.json")

    assert result.exit_code == ExitCode.OK
    left = [file for file in set(tmp_path.rglob("*")) - before if file.is_file()]
    assert {file.name for file in left} >= {"key", "summary.json"}
    assert not [file for file in left if MARKER.encode() in file.read_bytes()]
    assert not list((tmp_path / "state" / "outbox").iterdir())
    (batch,) = server.batches.values()
    assert MARKER not in batch.manifest.model_dump_json() + "".join(server.requests) + result.output


def test_state_directory_is_readable_by_its_owner_only(
    run: Command, online: list[object], table: Path, tmp_path: Path
) -> None:
    run("push", table, *online, "--workers", 1)
    for path in [tmp_path / "state", *(tmp_path / "state").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_real_process_with_two_workers_makes_a_batch(offline: list[object], table: Path, tmp_path: Path) -> None:
    arguments = [*offline[:4], "--workers", 2, "--out", tmp_path / "real.hefed.zip", "--state-dir", tmp_path / "state"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.insecure", "hefed.encryptor", "encrypt", str(table), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 0, done.stderr
    BatchReader(tmp_path / "real.hefed.zip").verify()
