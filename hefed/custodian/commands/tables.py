"""All that a release would publish, as tables for a terminal. Walks what is there, so that nothing is left out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from hefed.core.protocol.releases import PreviewContent
from hefed.core.words import Said
from hefed.custodian.commands.terminal import in_words

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
