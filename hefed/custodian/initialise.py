"""A custodian directory from nothing: keys, vault, policy and the first line of the ledger."""

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from hefed.ckks.backend import generate_keys
from hefed.ckks.params import profile
from hefed.custodian.files import private_directory, write_private
from hefed.custodian.ledger import Entry, Ledger
from hefed.custodian.policy import ReleaseRule, policy_text
from hefed.custodian.store import Home
from hefed.custodian.vault import VaultHeader, check_passphrase, create_vault, new_header, open_vault
from hefed.errors import BadInput
from hefed.protocol import envelope
from hefed.protocol.envelope import Label

_log = logging.getLogger(__name__)


def create_home(
    home: Home, *, study: str, profile_name: str, passphrase: str, release: ReleaseRule = "approval"
) -> VaultHeader:
    """Generate the study's keys. The vault comes last: a directory without one was never finished."""
    check_passphrase(passphrase)
    if home.vault.exists():
        raise BadInput(f"cannot create keys: {home.vault} holds the key of a study; choose another --home")
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
    Ledger(home.ledger, vault.ledger_key()).append(Entry(event="initialised", rule=f"key {fingerprint} of {study}"))
    return header


def write_key(path: Path, label: Label, key: bytes) -> None:
    """One key in an envelope of its own."""
    write_private(path, envelope.to_bytes(label, [key]))
