"""A new key in place of the old one, where one custodian holds it.

A rotation is three steps that may each be repeated after a stop. The new keys are made in ``next/`` and proposed to the
server; a person confirms them on the Keys page; then they take the old ones' place here. What was in use until then
goes to ``previous/`` with the sums of its batches, for as long as the Keys page lets a person put the old key back.
Afterwards it is destroyed. Ledger, policy and sealed files go on.
"""

import logging
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.params import profile
from hefed.core.errors import Conflict, WrongKey
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.requests import RotationEffect
from hefed.custodian.client import CustodianClient, KeyName
from hefed.custodian.keeping import records
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.ledger import Ledger, rule_words
from hefed.custodian.keeping.opened import write_key
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import (
    Vault,
    VaultHeader,
    create_vault,
    new_header,
    open_vault,
    read_header,
    voice_key,
)

_KEYS = ("public_key", "relinearisation_key", "vault")  # the vault last: with it a directory is complete
_BATCHES, _UNTIL = "batches", "until"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rotation:
    """How far it came: ``proposed`` waits for a person; ``replaced`` and ``taken-back`` are done here as well."""

    key: VaultHeader
    stands: Literal["proposed", "replaced", "taken-back"]


def next_home(home: Home) -> Home:
    """Where the new keys wait until they are in use."""
    return Home(home.path / "next")


def previous_home(home: Home) -> Home:
    """What was in use before, while it can be put back."""
    return Home(home.path / "previous")


def waiting_rotation(home: Home) -> str:
    """The fingerprint of a key that was made and is not in use yet; empty when there is none."""
    return _fingerprint(next_home(home))


def _fingerprint(place: Home) -> str:
    return read_header(place.vault).key_fingerprint if place.vault.exists() else ""


def describe(effect: RotationEffect) -> list[str]:
    """What the rotation will do, in sentences for the person who is asked."""
    if not effect.outdated:
        return ["No hospital has batches under the key in use: nothing is lost by replacing it."]
    lines = [
        f"{share.name}: {share.batches} batches of {share.patients} patients can no longer be trained with."
        for share in effect.outdated
    ]
    return [
        *lines,
        "These hospitals must encrypt their tables again under the new key and upload them.",
        "Nothing of that happens before a person confirms the new key on the Keys page, which can also put the old one "
        "back for some days. So long the old secret key and the sums of those batches stay here, then they go.",
        "Earlier pools still count: a new one must differ from them by nobody or by more than a few. Released results "
        "stay.",
    ]


def check_free(effect: RotationEffect) -> None:
    """Raise Conflict while a job is under way: its next round could not be opened."""
    if effect.jobs:
        raise Conflict("commands.jobs_under_way", jobs=tuple(effect.jobs))


def settled(home: Home, effect: RotationEffect) -> bool:
    """People decided already, and this directory follows: there is nothing to ask."""
    followed = (waiting_rotation(home), _fingerprint(previous_home(home)))
    return bool(effect.fingerprint) and effect.fingerprint in followed


def rotate(home: Home, vault: Vault, client: CustodianClient, passphrase: str) -> Rotation:
    """Make and propose, or follow what people decided since; goes on where an earlier call was stopped."""
    effect = client.rotation()
    if effect.fingerprint and effect.fingerprint == _fingerprint(previous_home(home)):
        _turn_round(home)
        return Rotation(_take_over(home, vault, effect, passphrase), "taken-back")
    if effect.fingerprint and effect.fingerprint == waiting_rotation(home):
        return Rotation(_take_over(home, vault, effect, passphrase), "replaced")
    fresh = prepare(home, vault, passphrase)
    _propose(home, fresh, client)
    return Rotation(fresh, "proposed")


def prepare(home: Home, vault: Vault, passphrase: str) -> VaultHeader:
    """The new keys in ``next/``, sealed with the same pass phrase and data key; those of a stopped call are kept."""
    place = next_home(home)
    if place.vault.exists():
        return open_vault(place.vault, passphrase).header
    old = vault.header
    secret, evaluation = generate_keys(profile(old.profile))
    private_directory(place.path)
    voice = voice_key(vault.data_key, evaluation.fingerprint)
    write_key(place.public_key, Label("public-key", old.study, old.profile), evaluation.public.public, voice)
    label = Label("relinearisation-key", old.study, old.profile, evaluation.fingerprint)
    write_key(place.relinearisation_key, label, evaluation.relinearisation)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    header = new_header(
        study=old.study, profile=old.profile, key_fingerprint=evaluation.fingerprint, created_at=created
    )
    create_vault(place.vault, header, secret.stream, passphrase, vault.data_key)
    return header


def _propose(home: Home, fresh: VaultHeader, client: CustodianClient) -> None:
    place = next_home(home)
    for name, path in (("public", place.public_key), ("relinearisation", place.relinearisation_key)):
        info = client.put_key(cast(KeyName, name), path)
        if info.fingerprint != fresh.key_fingerprint:
            raise WrongKey("commands.not_the_new_key", key=info.fingerprint[:16])


def _turn_round(home: Home) -> None:
    """The old key is the next one."""
    place = next_home(home)
    if place.path.exists():
        shutil.rmtree(place.path)
    previous_home(home).path.rename(place.path)


def _take_over(home: Home, vault: Vault, effect: RotationEffect, passphrase: str) -> VaultHeader:
    """The vault moves last: until then ``rotate`` finds ``next/`` and repeats this."""
    place, store = next_home(home), Store(home.path, vault.sealer())
    fresh = open_vault(place.vault, passphrase).header
    for request in store.unacknowledged():  # of no more use, and a restart would carry their batches over again
        store.acknowledge(request)
    if vault.header.key_fingerprint != fresh.key_fingerprint:
        _set_aside(home, effect.undo_until)
    forgotten = store.forget_all()
    _copy(place.path / _BATCHES, home.path / _BATCHES)
    store.stand_again(record.batch for record in store.batches())
    for name in _KEYS:
        write_private(getattr(home, name), getattr(place, name).read_bytes())
    entry = records.rotated(vault.header.key_fingerprint, fresh.key_fingerprint, forgotten)
    Ledger(home.ledger, vault.ledger_key()).append(entry)
    shutil.rmtree(place.path)
    _log.info("%s", rule_words(entry.rule))
    return fresh


def _set_aside(home: Home, until: str) -> None:
    """A copy of all that the old key needs; made once, because a repeated call finds the batches forgotten."""
    place = previous_home(home)
    if _fingerprint(place) == _fingerprint(home):
        return
    if place.path.exists():
        shutil.rmtree(place.path)
    private_directory(place.path)
    _copy(home.path / _BATCHES, place.path / _BATCHES)
    write_private(place.path / _UNTIL, until.encode())
    for name in _KEYS:
        write_private(getattr(place, name), getattr(home, name).read_bytes())


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        private_directory(target)
        for path in source.iterdir():
            write_private(target / path.name, path.read_bytes())


def destroy_previous(home: Home, ledger: Ledger) -> bool:
    """The old secret key goes once nobody can put it back; True when it went now."""
    place = previous_home(home)
    if not place.vault.exists():
        return False
    until = (place.path / _UNTIL).read_text()
    if until and datetime.fromisoformat(until) > datetime.now(UTC):
        return False
    entry = records.destroyed(_fingerprint(place))
    shutil.rmtree(place.path)
    ledger.append(entry)
    _log.info("%s", rule_words(entry.rule))
    return True
