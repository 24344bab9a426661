"""What a rehearsal has done so far, on disk, so that it goes on where it was stopped."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Memory:
    """``seconds`` of each step that ended, and ``notes`` (peak memory, sizes, the job's id)."""

    path: Path
    seconds: dict[str, float] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Memory":
        if not path.exists():
            return cls(path)
        stored = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, stored["seconds"], stored["notes"])

    def save(self) -> None:
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps({"seconds": self.seconds, "notes": self.notes}, indent=1), encoding="utf-8")
        temporary.replace(self.path)

    def done(self, step: str) -> bool:
        return step in self.seconds

    @contextmanager
    def timing(self, step: str) -> Iterator[None]:
        """Time a step; a step that fails leaves no trace and is done again."""
        started = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - started
        self.save()

    def record_peaks(self, peaks: dict[str, int]) -> None:
        """Keep the largest resident size of each kind of process over all sittings."""
        known = self.notes.setdefault("peak_memory_bytes", {})
        for name, peak in peaks.items():
            known[name] = max(peak, known.get(name, 0))
        self.save()
