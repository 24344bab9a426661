"""The ledger as the page shows it: read once from the start, then only what was added."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hefed.custodian.ledger import Line

_KEPT_LINES = 400
_ANSWERS = ("answer", "share-answered")


@dataclass(frozen=True)
class Asked:
    """One request and, once there is one, what became of it."""

    asked: Line
    answer: Line | None


class Book:
    """Counts today's requests and keeps the last lines. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._day = ""
        self._requests = 0
        self._lines: deque[bytes] = deque(maxlen=_KEPT_LINES)

    def read(self) -> None:
        """Take in what was written since the last time; a line that is being written waits."""
        today = datetime.now(UTC).date().isoformat()
        if today != self._day or not self._path.exists() or self._path.stat().st_size < self._offset:
            self._day, self._offset, self._requests = today, 0, 0
            self._lines.clear()
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                self._offset += len(raw)
                self._take(raw)

    def _take(self, raw: bytes) -> None:
        """Without parsing: a ledger of years has a million lines. Quotes inside of a value are escaped in it."""
        self._lines.append(raw)
        self._requests += b'"event":"request"' in raw and f'"time":"{self._day}'.encode() in raw

    @property
    def today(self) -> int:
        """Requests of this UTC day."""
        return self._requests

    @property
    def last(self) -> Line | None:
        return Line.model_validate_json(self._lines[-1]) if self._lines else None

    def requests(self, count: int) -> list[Asked]:
        """The last ones, the newest first."""
        found: dict[str, Asked] = {}
        for raw in self._lines:
            line = Line.model_validate_json(raw)
            if line.event == "request":
                found.pop(line.request, None)
                found[line.request] = Asked(line, None)
            elif line.event in _ANSWERS and line.request in found:
                found[line.request] = Asked(found[line.request].asked, line)
        return list(found.values())[-count:][::-1]
