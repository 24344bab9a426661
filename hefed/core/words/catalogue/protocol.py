"""Messages between the parties: envelopes, batch files, signatures, verdicts."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
