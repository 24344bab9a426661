"""A custodian's policy."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
