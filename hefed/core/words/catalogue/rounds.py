"""Rounds of a fit: totals, columns, levels."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
