"""Hospitals with agents of their own on the small ring, through a real ceremony."""

import shutil
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from hefed.core.protocol.threshold import CeremonyRecord, Sharing, Signed
from hefed.custodian.agent.lead import ShareHolder
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.ceremony import PUBLIC_KEY, RELINEARISATION_KEY, Plan, hold_ceremony
from hefed.custodian.sharing.hand_over import make
from hefed.custodian.sharing.holding import HeldShare, Identity, KeyFiles, Taking, create_identity, open_identity, take
from hefed.custodian.sharing.lead import naming, set_lead
from tests.custodian.conftest import PASSPHRASE
from tests.insecure import INSECURE_TEST_N12_L9

RING = INSECURE_TEST_N12_L9
NAMES = ("north", "south", "west", "east", "inland")
EXPIRES = date(2099, 1, 1)
MADE_AT = "2025-01-01T00:00:00+00:00"


@lru_cache(maxsize=16)
def _identity(folder: Path, study: str, name: str) -> Identity:
    """One pair of keys a hospital for the whole session: making and opening them is tested in test_ceremony."""
    create_identity(
        folder / name, study=study, institution=name, name=f"{name.title()} hospital", passphrase=PASSPHRASE
    )
    return open_identity(folder / name, PASSPHRASE)


def identities(folder: Path, count: int = 3, study: str = "demo") -> list[Identity]:
    return [_identity(folder, study, name) for name in NAMES[:count]]


def plan(people: Sequence[Identity], threshold: int = 2) -> Plan:
    return Plan(people[0].card.study, RING.name, threshold, tuple(person.card for person in people), EXPIRES)


def ceremony(people: Sequence[Identity], out: Path, threshold: int = 2) -> tuple[Signed, CeremonyRecord]:
    return hold_ceremony(plan(people, threshold), out)


def key_files(folder: Path) -> KeyFiles:
    return KeyFiles(folder / PUBLIC_KEY, folder / RELINEARISATION_KEY)


def take_into(home: Home, person: Identity, held: HeldShare, keys: Path) -> Signed:
    return take(Taking(home, person, held, key_files(keys), PASSPHRASE, MADE_AT))


def lead(home: Path, person: Identity, sharing: Sharing, institution: str) -> None:
    """This hospital names that one."""
    set_lead(home, person, naming(home, sharing, institution))


def name_everywhere(holders: Sequence[ShareHolder], institution: str) -> None:
    """What `lead INSTITUTION` does at every hospital; the one that led hands over."""
    for holder in holders:
        decided = naming(holder.custodian.home.path, holder.sharing, institution)
        if holder.handing.seat == decided.before:
            make(holder.handing, decided.seat)
        set_lead(holder.custodian.home.path, holder.identity, decided)
        for request in holder.custodian.store.unacknowledged():
            holder.custodian.store.acknowledge(request)


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target
