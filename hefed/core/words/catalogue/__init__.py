"""The one list of all that HEFed says by code: an area a module, in which every code begins with the area's name."""

from types import ModuleType

from hefed.core.words.catalogue import (
    admission,
    agent,
    approvals,
    audit,
    batches,
    browser,
    ckks,
    commands,
    desk,
    dictionary,
    disclosure,
    encryptor,
    events,
    fit,
    jobs,
    keeping,
    keys,
    people,
    policy,
    protocol,
    redcap,
    rehearsal,
    releases,
    rounds,
    server,
    sharing,
    studies,
    table,
    threshold,
)
from hefed.core.words.template import Entry, entry

LEGACY_ENTRY = entry("legacy", en="{text}", ko="{text}")  # a finished sentence of a module that is not converted yet
AREAS: tuple[ModuleType, ...] = (
    admission,
    agent,
    approvals,
    audit,
    batches,
    browser,
    ckks,
    commands,
    desk,
    dictionary,
    disclosure,
    encryptor,
    events,
    fit,
    jobs,
    keeping,
    keys,
    people,
    policy,
    protocol,
    redcap,
    rehearsal,
    releases,
    rounds,
    server,
    sharing,
    studies,
    table,
    threshold,
)
# What scripts of the pages say themselves or find in a sealed preview; `python -m tools.catalogues` writes it for them.
BROWSER_AREAS: tuple[ModuleType, ...] = (browser, dictionary, disclosure, releases, table)

CATALOGUE: dict[str, Entry] = {
    one.code: one for one in (LEGACY_ENTRY, *(one for area in AREAS for one in area.ENTRIES))
}
