"""Events of the audit log."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
