"""The hospital's command line: table, encryption, batch file, upload."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
