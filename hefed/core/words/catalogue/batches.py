"""Batches on the server: upload, admission, withdrawal, replacement."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
