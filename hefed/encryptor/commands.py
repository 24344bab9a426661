"""What a hospital runs. Exit codes: hefed/encryptor/screen.py and docs/encryptor.md."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hefed.core.errors import HEFedError
from hefed.core.words import Said, language_of
from hefed.encryptor import blocks
from hefed.encryptor.batchfile import BatchReader
from hefed.encryptor.client import Source, Study, save, with_key
from hefed.encryptor.push import Push
from hefed.encryptor.screen import ExitCode, Screen, code_of
from hefed.encryptor.steps import (
    Desk,
    EncryptChoices,
    LocalState,
    TableChoices,
    await_judgement,
    check_table,
    encrypt_table,
    upload_batch,
)

app = typer.Typer(
    help="Check, encrypt and send a hospital's patients. Rows never leave this computer unencrypted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they print local variables, hence values
    add_completion=False,
)

ExistingFile = {"exists": True, "dir_okay": False, "readable": True}
Csv = Annotated[
    Path, typer.Argument(help="The table: one row a patient, headings as in the dictionary.", **ExistingFile)
]
Server = Annotated[str | None, typer.Option(help="Address of the study server, https://...")]
TokenFile = Annotated[Path | None, typer.Option(help="File with this hospital's token.", **ExistingFile)]
StudyFile = Annotated[Path | None, typer.Option(help="Saved study package (see fetch).", **ExistingFile)]
KeyFile = Annotated[Path | None, typer.Option(help="Saved public key (see fetch).", **ExistingFile)]
StateDir = Annotated[Path | None, typer.Option(help="Where keyed hashes of patients already sent are kept.")]
Missing = Annotated[list[str] | None, typer.Option(help="A word that means 'missing', such as NA; may be repeated.")]
RefusedRows = Annotated[Path | None, typer.Option(help="Write numbers and reasons of refused rows to this CSV file.")]
SkipInvalid = Annotated[bool, typer.Option("--skip-invalid", help="Leave refused rows out instead of stopping.")]
Replace = Annotated[bool, typer.Option("--replace", help="Forget what was sent earlier; withdraw those batches first.")]
Expect = Annotated[str | None, typer.Option(help="Refuse any public key but the one with this fingerprint.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Encrypting processes.")]
Seed = Annotated[int | None, typer.Option(help="Fixed patient order: for rehearsals only, never for patients.")]
Out = Annotated[Path | None, typer.Option(help="The batch file to write, *.hefed.zip.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the batch is admitted or quarantined.")]
WaitSeconds = Annotated[float, typer.Option(min=0, help="How long to wait at most.")]
Summary = Annotated[Path | None, typer.Option(help="Write counts, bytes and seconds of this run to this JSON file.")]

DEFAULT_WORKERS = min(2, os.cpu_count() or 1)
REFUSED_ROWS = Path("refused-rows.csv")
WAIT_SECONDS = 3600.0


@app.command()
def fetch(server: Server, token_file: TokenFile, out: Annotated[Path, typer.Option(help="Folder.")] = Path()) -> None:
    """Save study package and public key, to encrypt on a computer without network."""
    screen = _screen()
    with _told(screen), Source(server, token_file).client() as client:
        package = client.study()
        key = client.public_key() if package.key else None
        if key is not None:
            screen.fingerprint(with_key(Study(package), key).fingerprint)
        for path in save(out, package, key):
            screen.say(Said("encryptor.saved", path=str(path)))


@app.command()
def check(
    csv: Csv,
    server: Server = None,
    token_file: TokenFile = None,
    study_file: StudyFile = None,
    state_dir: StateDir = None,
    missing: Missing = None,
    refused_rows: RefusedRows = None,
) -> None:
    """Compare the table with the data dictionary; nothing leaves, nothing is changed."""
    screen = _screen()
    with _told(screen):
        desk = Desk(screen, LocalState(_home(state_dir)))
        study = Source(server, token_file, study_file).study()
        check_table(desk, study, csv, TableChoices(frozenset(missing or []), refused_rows=refused_rows))
        screen.say(Said("encryptor.table_follows"))


@app.command()
def encrypt(
    csv: Csv,
    out: Out = None,
    server: Server = None,
    token_file: TokenFile = None,
    study_file: StudyFile = None,
    key_file: KeyFile = None,
    state_dir: StateDir = None,
    expect_fingerprint: Expect = None,
    missing: Missing = None,
    refused_rows: RefusedRows = None,
    skip_invalid: SkipInvalid = False,
    replace: Replace = False,
    workers: Workers = DEFAULT_WORKERS,
    seed: Seed = None,
    summary: Summary = None,
) -> None:
    """Check, then write a batch file that `upload` sends; any ZIP tool can list it."""
    screen = _screen()
    with _told(screen), _summarised(Desk(screen, LocalState(_home(state_dir))), summary) as desk:
        sealed = Source(server, token_file, study_file, key_file).sealed_study(expect_fingerprint)
        choices = _table_choices(missing, refused_rows, skip_invalid, replace)
        checked = check_table(desk, sealed.study, csv, choices)
        encrypt_table(desk, sealed, checked, out or Path(f"{csv.stem}.hefed.zip"), EncryptChoices(workers, seed))


@app.command("held-out")
def held_out(
    csv: Csv,
    out: Annotated[Path, typer.Option(help="The file to write, one id a line. It stays in the hospital.")],
    server: Server = None,
    token_file: TokenFile = None,
    study_file: StudyFile = None,
) -> None:
    """List the patients that the study holds out, so that your statistician can repeat the analysis."""
    screen = _screen()
    with _told(screen):
        study = Source(server, token_file, study_file).study()
        ids = blocks.held_out(csv, study.dictionary, study.package.holdout)
        out.write_text("".join(f"{one}\n" for one in ids), encoding="utf-8")
        screen.say(Said("encryptor.held_out_listed", n=len(ids), path=str(out)))


@app.command()
def upload(
    batch: Annotated[Path, typer.Argument(help="A batch file made by encrypt.", **ExistingFile)],
    server: Server,
    token_file: TokenFile,
    state_dir: StateDir = None,
    wait: Wait = True,
    wait_seconds: WaitSeconds = WAIT_SECONDS,
    summary: Summary = None,
) -> None:
    """Send a batch file; a cut upload continues at the byte where it stopped."""
    screen = _screen()
    with _told(screen), _summarised(Desk(screen, LocalState(_home(state_dir))), summary) as desk:
        reader = BatchReader(batch)
        with Source(server, token_file).client() as client:
            status = upload_batch(desk, client, reader)
            limit = wait_seconds if wait else None
            await_judgement(desk, client, (status, reader.manifest.cohort_digest), limit)


@app.command()
def push(
    csv: Csv,
    server: Server,
    token_file: TokenFile,
    study_file: StudyFile = None,
    key_file: KeyFile = None,
    state_dir: StateDir = None,
    expect_fingerprint: Expect = None,
    missing: Missing = None,
    refused_rows: RefusedRows = None,
    skip_invalid: SkipInvalid = False,
    replace: Replace = False,
    workers: Workers = DEFAULT_WORKERS,
    seed: Seed = None,
    wait: Wait = True,
    wait_seconds: WaitSeconds = WAIT_SECONDS,
    summary: Summary = None,
) -> None:
    """Check, encrypt and upload; run it again after a cut and it continues."""
    screen = _screen()
    with _told(screen), _summarised(Desk(screen, LocalState(_home(state_dir))), summary) as desk:
        source = Source(server, token_file, study_file, key_file)
        sealed = source.sealed_study(expect_fingerprint)
        choices = _table_choices(missing, refused_rows, skip_invalid, replace)
        with source.client() as client:
            Push(desk, sealed, csv, choices, EncryptChoices(workers, seed)).run(client, wait_seconds if wait else None)


def _table_choices(
    missing: list[str] | None, refused_rows: Path | None, skip_invalid: bool, replace: bool
) -> TableChoices:
    listed = refused_rows or (REFUSED_ROWS if skip_invalid else None)
    return TableChoices(frozenset(missing or []), skip_invalid, replace, listed)


def _screen() -> Screen:
    return Screen(language_of(os.environ))


def _home(state_dir: Path | None) -> Path:
    return state_dir or Path(typer.get_app_dir("hefed-encryptor"))


@contextmanager
def _told(screen: Screen) -> Iterator[None]:
    """Errors that we know are told, with a documented exit code; the rest keeps its traceback and code 1."""
    try:
        yield
    except HEFedError as error:
        screen.error(error.said)
        raise typer.Exit(code_of(error)) from error
    except OSError as error:
        path = str(error.filename) if error.filename else Said("encryptor.a_file")
        screen.error(Said("encryptor.file", path=path, message=str(error.strerror)))
        raise typer.Exit(ExitCode.USAGE) from error


@contextmanager
def _summarised(desk: Desk, path: Path | None) -> Iterator[Desk]:
    """The summary is written whether the run succeeded or not."""
    try:
        yield desk
    finally:
        if path is not None:
            path.write_text(json.dumps(desk.summarised(), indent=1), encoding="utf-8")


def main() -> None:
    """Run the command line; logs carry ids, sizes and seconds only."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    app(prog_name="python -m hefed.encryptor")
