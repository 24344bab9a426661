"""Where words of a key could lie: memory of a running process, and files."""

from pathlib import Path

import numpy as np

from hefed.core.ckks.wire import Words

READABLE = Path("/proc/self/mem").exists()


def writable_memory(process: int) -> Words:
    """All of it, as words of 64 bits, in which NumPy and SEAL keep a key."""
    pieces = []
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(number, 16) for number in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                try:
                    pieces.append(memory.read(end - start))
                except OSError:
                    continue
    return np.frombuffer(b"".join(pieces), "<u8")


def count(words: Words, wanted: Words, prime: int) -> int:
    """How many of these words are among the wanted ones, words of a key: of those of their size, hence quick.

    Small words are left out, which are pointers and counters: 98 % of a key's words are not.
    """
    of_that_size = words[(words > 2**48) & (words < prime)]
    return int(np.isin(of_that_size, wanted).sum())


def count_in_files(folder: Path, wanted: Words, prime: int) -> int:
    """The same for every file below, at every offset."""
    found = 0
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for offset in range(8):
            usable = (len(content) - offset) // 8 * 8
            found += count(np.frombuffer(content[offset : offset + max(usable, 0)], "<u8"), wanted, prime)
    return found
