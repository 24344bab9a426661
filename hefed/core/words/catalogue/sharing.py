"""A shared key: cards, ceremony, shares, re-sharing, the lead and its hand-over."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
