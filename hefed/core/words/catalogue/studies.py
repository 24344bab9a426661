"""Setting up a study: draft, terms, data dictionary versions."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
