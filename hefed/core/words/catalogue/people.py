"""Sign-in, roles, invitations, institutions, second factors and tokens."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
