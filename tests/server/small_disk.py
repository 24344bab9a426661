"""A disk that can be filled: a small file system in memory, mounted for one test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PIECE_BYTES = 4096


@contextmanager
def mounted(folder: Path, size_bytes: int) -> Iterator["SmallDisk"]:
    """Skips the test where this user may not mount."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class SmallDisk:
    """The file system at ``folder``; ``filler`` takes the room that a test wants gone."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.filler = folder, folder / "filler"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all room but about ``leave_bytes``."""
        with self.filler.open("ab", buffering=0) as file:
            try:
                while file.write(bytes(_PIECE_BYTES)):
                    pass
            except OSError:
                file.truncate(max(0, file.tell() - leave_bytes))

    def empty(self) -> None:
        self.filler.unlink(missing_ok=True)
