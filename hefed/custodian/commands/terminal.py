"""What commands ask and show at a terminal."""

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from hefed.core.errors import BadInput, HEFedError
from hefed.core.protocol.releases import PreviewContent
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


_ITEMS = {"coefficients": "Coefficients", "metrics": "Metrics", "curves": "Curves", "table_one": "Table 1"}
_PAIRS = {"roc": ("false positive rate", "true positive rate"), "precision_recall": ("recall", "precision")}
Shown = Table | Text


def tables(content: PreviewContent) -> Iterator[Shown]:
    """Item by item; then what was suppressed or rounded, and why."""
    for item in content.items:
        yield Text(_ITEMS[item.item], style="bold")
        yield from _value((), json.loads(item.text))
    yield Text("Suppressed or rounded", style="bold")
    yield from (Text(f"- {in_words(note)}") for note in content.notes or ["Nothing."])


def _value(path: Sequence[str], value: Any) -> Iterator[Shown]:
    if isinstance(value, Mapping) and not _is_said(value):
        yield from _mapping(path, value)
    elif isinstance(value, list) and value:
        yield _rows(path, value)
    else:
        yield Text(f"{_title(path)}: {_leaf(value) or 'nothing'}")


def _mapping(path: Sequence[str], value: Mapping[str, Any]) -> Iterator[Shown]:
    """Things of one kind under their names are one table; else what is flat first, then each part by itself."""
    if value and all(isinstance(one, Mapping) and _is_flat(one) for one in value.values()):
        yield _rows(path, [{"": name, **fields} for name, fields in value.items()])
        return
    flat = {name: one for name, one in value.items() if _is_leaf(one)}
    if flat:
        yield _rows(path, [flat])
    for name, one in value.items():
        if name not in flat:
            yield from _value((*path, name), one)


def _rows(path: Sequence[str], rows: Sequence[Any]) -> Table:
    records = [row if isinstance(row, Mapping) and not _is_said(row) else _numbered(path, row) for row in rows]
    columns = list(dict.fromkeys(name for record in records for name in record))
    table = Table(title=Text(_title(path)) if path else None, title_justify="left")
    for name in columns:
        numeric = all(isinstance(record.get(name), int | float | None) for record in records)
        table.add_column(Text(name.replace("_", " ")), justify="right" if numeric else "left")
    for record in records:
        table.add_row(*(Text(_leaf(record.get(name))) for name in columns))
    return table


def _numbered(path: Sequence[str], row: Any) -> dict[str, Any]:
    values = row if isinstance(row, list) else [row]
    names = _PAIRS.get(path[-1], ()) if path else ()
    return dict(zip(names if len(names) == len(values) else map(str, range(1, len(values) + 1)), values, strict=True))


def _is_flat(fields: Mapping[str, Any]) -> bool:
    return all(map(_is_leaf, fields.values()))


def _is_leaf(value: Any) -> bool:
    """A number, a text, nothing, or an interval."""
    if isinstance(value, list):
        return len(value) == 2 and all(isinstance(one, int | float) for one in value)
    return not isinstance(value, Mapping) or _is_said(value)


def _is_said(value: Any) -> bool:
    """A code with its facts, not two columns of these names."""
    return isinstance(value, Mapping) and set(value) == {"code", "facts"} and isinstance(value["code"], str)


def _leaf(value: Any) -> str:
    if value is None:
        return "-"
    if _is_said(value):
        return in_words(Said.from_json(value))
    return " to ".join(map(_leaf, value)) if isinstance(value, list) else str(value)


def _title(path: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in path) or "all"
