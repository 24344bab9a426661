"""Jobs, rounds and requests on the server."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
