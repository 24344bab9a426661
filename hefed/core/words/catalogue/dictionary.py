"""Problems of a data dictionary."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
