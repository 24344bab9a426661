"""Small numbers that are not shown, and what may be released."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
