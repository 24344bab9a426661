"""What a key holder's program says of its rounds: no answer, answers that disagree, a job that it does not know."""

from hefed.core.words.entry import Entry

ENTRIES: tuple[Entry, ...] = ()
