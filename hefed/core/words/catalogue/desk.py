"""What a key holder checks before it answers: pinned study, cohorts, admission."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
