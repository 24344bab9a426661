"""Why a model cannot be fitted."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
