"""The server itself: API messages, pages, files, processes."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
