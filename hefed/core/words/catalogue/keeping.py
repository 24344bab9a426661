"""A key holder's vault, store, ledger and backup."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
