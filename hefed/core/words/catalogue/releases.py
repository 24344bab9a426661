"""Releases: requests, statements, approvals, previews, publication."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
