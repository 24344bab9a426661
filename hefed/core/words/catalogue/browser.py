"""The pages' scripts: encrypting in the browser, a key of an approver in the browser."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
