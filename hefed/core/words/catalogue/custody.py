"""Who keeps a study's key, enrolment, and what the server holds of it."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
