"""Command lines of the key holders and of the server."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
