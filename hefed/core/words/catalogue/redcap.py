"""What a REDCap data dictionary leaves open."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
