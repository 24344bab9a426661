"""The whole key of one custodian: made with its directory, and replaced by a new one in that directory.

A rotation is three steps that may each be repeated after a stop: the new keys are made in ``next/``, the server takes
them in place of the old, and only then they take the old ones' place here. The old secret key is destroyed with the
last step. Ledger, policy and sealed files go on.
"""

import logging
import shutil
import time
from datetime import UTC, datetime
from typing import cast

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput, Conflict, WrongKey
from hefed.core.protocol.enrolment import RotationEffect
from hefed.core.protocol.envelope import Label
from hefed.custodian.client import CustodianClient, KeyName
from hefed.custodian.desk.policy import ReleaseRule, policy_text
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.ledger import Ledger, rule_words
from hefed.custodian.keeping.opened import write_key
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import (
    Vault,
    VaultHeader,
    check_passphrase,
    create_vault,
    new_header,
    open_vault,
    read_header,
)

_log = logging.getLogger(__name__)


def create_home(
    home: Home, *, study: str, profile_name: str, passphrase: str, release: ReleaseRule = "approval"
) -> VaultHeader:
    """Generate the study's keys. The vault comes last: a directory without one was never finished."""
    check_passphrase(passphrase)
    if home.vault.exists():
        raise BadInput("commands.holds_key", path=str(home.vault))
    started = time.monotonic()
    secret, evaluation = generate_keys(profile(profile_name))
    public, fingerprint = evaluation.public, evaluation.fingerprint
    _log.info("keys of %s made in %.2f s", profile_name, time.monotonic() - started)
    private_directory(home.path)
    write_key(home.public_key, Label("public-key", study, profile_name), public.public)
    label = Label("relinearisation-key", study, profile_name, fingerprint)
    write_key(home.relinearisation_key, label, evaluation.relinearisation)
    if not home.policy.exists():
        write_private(home.policy, policy_text(release).encode())
    created = datetime.now(UTC).isoformat(timespec="seconds")
    header = new_header(study=study, profile=profile_name, key_fingerprint=fingerprint, created_at=created)
    create_vault(home.vault, header, secret.stream, passphrase)
    vault = open_vault(home.vault, passphrase)
    Ledger(home.ledger, vault.ledger_key()).append(entries.initialised(study, fingerprint))
    return header


def next_home(home: Home) -> Home:
    """Where the new keys wait until the server has taken them."""
    return Home(home.path / "next")


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
        "The old secret key is destroyed here: nobody can read those ciphertexts any more, except with an old backup.",
        "The sums of those batches are forgotten, so that the same tables are not taken for copies. Earlier pools no "
        "longer count when a new one is compared with them. Results that were released stay.",
    ]


def check_free(effect: RotationEffect) -> None:
    """Raise Conflict while a job is under way: its next round could not be opened."""
    if effect.jobs:
        raise Conflict("commands.jobs_under_way", jobs=tuple(effect.jobs))


def rotate(home: Home, vault: Vault, client: CustodianClient, passphrase: str) -> VaultHeader:
    """Make, publish, take over; goes on where an earlier call was stopped."""
    fresh = prepare(home, vault, passphrase)
    if fresh.key_fingerprint != vault.header.key_fingerprint:
        _publish(home, vault, fresh, client)
    _take_over(home, vault, fresh)
    return fresh


def prepare(home: Home, vault: Vault, passphrase: str) -> VaultHeader:
    """The new keys in ``next/``, sealed with the same pass phrase and data key; those of a stopped call are kept."""
    place = next_home(home)
    if place.vault.exists():
        return open_vault(place.vault, passphrase).header
    old = vault.header
    secret, evaluation = generate_keys(profile(old.profile))
    private_directory(place.path)
    write_key(place.public_key, Label("public-key", old.study, old.profile), evaluation.public.public)
    label = Label("relinearisation-key", old.study, old.profile, evaluation.fingerprint)
    write_key(place.relinearisation_key, label, evaluation.relinearisation)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    header = new_header(
        study=old.study, profile=old.profile, key_fingerprint=evaluation.fingerprint, created_at=created
    )
    create_vault(place.vault, header, secret.stream, passphrase, vault.data_key)
    return header


def _publish(home: Home, vault: Vault, fresh: VaultHeader, client: CustodianClient) -> None:
    place = next_home(home)
    for name, path in (("public", place.public_key), ("relinearisation", place.relinearisation_key)):
        info = client.put_key(cast(KeyName, name), path, vault.header.key_fingerprint if name == "public" else "")
        if info.fingerprint != fresh.key_fingerprint:
            raise WrongKey("commands.not_the_new_key", key=info.fingerprint[:16])


def _take_over(home: Home, vault: Vault, fresh: VaultHeader) -> None:
    """The vault moves last: until then ``rotate`` finds ``next/`` and repeats this."""
    place, store = next_home(home), Store(home.path, vault.sealer())
    for request in store.unacknowledged():  # of no more use, and a restart would carry their batches over again
        store.acknowledge(request)
    forgotten = [record.batch for record in store.batches()]
    for batch in forgotten:
        store.forget(batch)
    for name in ("public_key", "relinearisation_key", "vault"):
        write_private(getattr(home, name), getattr(place, name).read_bytes())
    old = vault.header.key_fingerprint
    entry = entries.rotated(old, fresh.key_fingerprint, len(forgotten))
    Ledger(home.ledger, vault.ledger_key()).append(entry)
    shutil.rmtree(place.path)
    _log.info("%s", rule_words(entry.rule))


def waiting_rotation(home: Home) -> str:
    """The fingerprint of a key whose rotation was stopped half way; empty when there is none."""
    vault = next_home(home).vault
    return read_header(vault).key_fingerprint if vault.exists() else ""
