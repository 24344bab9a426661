"""What all commands of the custodian share: options, secrets from files, sentences on the terminal, exit codes."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from hefed.core.errors import BadInput, HEFedError
from hefed.core.words import Said, language_of, words
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands.enrolment import TOKEN, enrolled

_WIDTH = None if sys.stdout.isatty() else 240  # into a file or a pipe, tables keep their cells whole
_out = Console(soft_wrap=True, highlight=False, width=_WIDTH)
_err = Console(stderr=True, soft_wrap=True, highlight=False)

HomeOption = Annotated[Path, typer.Option("--home", help="The custodian's directory.")]
ServerOption = Annotated[
    str | None, typer.Option("--server", help="Address of the study server; without it the one enrolled at.")
]
TokenOption = Annotated[
    Path | None, typer.Option("--token-file", help="File with the custodian token; without it the enrolled one.")
]
PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File with the pass phrase; without it you are asked.")
]


say = _out.print


def connect(home: Path, server: str | None, token_file: Path | None) -> CustodianClient:
    """To the server that was named, or else the one enrolled at."""
    return CustodianClient(server or enrolled(home).server, _line(token_file or home / TOKEN, Said("commands.token")))


def new_passphrase(file: Path | None) -> str:
    if file:
        return read_passphrase(file)
    return str(typer.prompt("New pass phrase (12 characters or more)", hide_input=True, confirmation_prompt=True))


def read_passphrase(file: Path | None) -> str:
    return _line(file, Said("commands.passphrase")) if file else str(typer.prompt("Pass phrase", hide_input=True))


def _line(file: Path, what: Said) -> str:
    try:
        text = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("commands.secret_unreadable", what=what, file=str(file), why=str(error)) from error
    if not text or "\n" in text:
        raise BadInput("commands.secret_lines", what=what, file=str(file))
    return text


@contextmanager
def told() -> Iterator[None]:
    """An error on purpose becomes one sentence and exit code 1."""
    try:
        yield
    except HEFedError as error:
        _err.print(f"[bold red]Error:[/] {_plain(in_words(error.said))}")
        raise typer.Exit(1) from None


def in_words(said: Said | str) -> str:
    """In the language of this command line; a text as it is."""
    return said if isinstance(said, str) else words(said, language_of(os.environ))


def _plain(text: str) -> str:
    """Brackets in a message are not markup."""
    return text.replace("[", r"\[")


def log_to_stderr() -> None:
    if _err.is_terminal:
        logging.basicConfig(
            level=logging.INFO, format="%(message)s", handlers=[RichHandler(console=_err, show_path=False)]
        )
    else:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
