"""Keys that a study publishes, and their replacement."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
