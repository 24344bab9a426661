"""Parameters, ciphertexts, keys and the operations on them."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
