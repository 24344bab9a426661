"""A hospital's share at rest: the custodian's directory with a share in its vault instead of a key.

Everything else in the directory (policy, ledger, sealed files) is what a single custodian has.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.base import Message
from hefed.core.protocol.envelope import Label, canonical_json
from hefed.core.protocol.threshold import Acceptance, SharedPiece, Sharing, Signed, digest_of, sign
from hefed.core.threshold.pieces import to_share
from hefed.core.threshold.shamir import Share
from hefed.custodian.desk.policy import ReleaseRule, policy_text
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.ledger import Ledger
from hefed.custodian.keeping.opened import read_key
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import KEY_BYTES, Vault, check_passphrase, create_vault, new_header, open_vault
from hefed.custodian.sharing.identity import Identity

SHARING, ACCEPTANCE = "sharing.json", "acceptance.json"


class HeldShare(Message):
    """What lies in the vault. Its repr shows nothing of the piece."""

    sharing: Sharing
    piece: SharedPiece


@dataclass(frozen=True)
class KeyFiles:
    """The public halves, as the ceremony wrote them or the server serves them."""

    public: Path
    relinearisation: Path

    def read(self, sharing: Sharing) -> EvaluationKeys:
        """Checked against the sharing's fingerprint; raises KeyInvalid, EnvelopeInvalid or WrongKey."""
        ring = profile(sharing.profile)
        public = PublicKeys.load(ring, read_key(self.public, Label("public-key", sharing.study, sharing.profile)))
        if public.fingerprint != sharing.key_fingerprint:
            raise WrongKey(
                "sharing.key_differs",
                path=str(self.public),
                key=public.fingerprint[:16],
                expected=sharing.key_fingerprint[:16],
            )
        label = Label("relinearisation-key", sharing.study, sharing.profile, public.fingerprint)
        return EvaluationKeys.load(public, read_key(self.relinearisation, label))


@dataclass(frozen=True)
class Taking:
    """One share on its way into a directory."""

    home: Home
    identity: Identity
    held: HeldShare
    keys: KeyFiles
    passphrase: str
    made_at: str
    release: ReleaseRule = "approval"


def take(taking: Taking) -> Signed:
    """Put the share into the vault, the first or in place of an earlier one; gives the signed acceptance.

    The vault moves last: until then the directory holds what it held before.
    """
    check_passphrase(taking.passphrase)
    home, sharing, piece = taking.home, taking.held.sharing, taking.held.piece
    to_share(sharing, piece)
    taking.keys.read(sharing)
    private_directory(home.path)
    for source, target in (
        (taking.keys.public, home.public_key),
        (taking.keys.relinearisation, home.relinearisation_key),
    ):
        write_private(target, source.read_bytes())
    if not home.policy.exists():
        write_private(home.policy, policy_text(taking.release).encode())
    _replace_vault(taking)
    write_private(home.path / SHARING, sharing.model_dump_json(indent=1).encode())
    acceptance = Acceptance(sharing=sharing.digest, point=piece.point, share=digest_of(piece))
    signed = sign(acceptance, taking.identity.signing)
    write_private(home.path / ACCEPTANCE, signed.model_dump_json(indent=1).encode())
    return signed


def open_share(vault: Vault) -> tuple[Sharing, Share]:
    """The share in an opened vault; raises BadInput for the vault of a single custodian."""
    try:
        held = HeldShare.model_validate_json(vault.secret_key)
    except ValidationError:
        raise BadInput("sharing.no_share_in_vault", study=vault.header.study) from None
    return held.sharing, to_share(held.sharing, held.piece)


def holds_share(home: Home) -> bool:
    """Whether the directory is that of one of several custodians."""
    return (home.path / SHARING).exists()


def check_whole_key(home: Home) -> None:
    """Raise BadInput where the directory holds a share: its key is replaced by a ceremony, not by one hospital."""
    if holds_share(home):
        raise BadInput("sharing.not_rotated", path=str(home.path))


def _replace_vault(taking: Taking) -> None:
    home, sharing = taking.home, taking.held.sharing
    old = open_vault(home.vault, taking.passphrase) if home.vault.exists() else None
    if old is not None and old.header.key_fingerprint != sharing.key_fingerprint:
        raise WrongKey(
            "sharing.home_of_other_key",
            path=str(home.path),
            key=old.header.key_fingerprint[:16],
            expected=sharing.key_fingerprint[:16],
        )
    fresh = home.path / "vault.next"
    fresh.unlink(missing_ok=True)
    header = new_header(
        study=sharing.study,
        profile=sharing.profile,
        key_fingerprint=sharing.key_fingerprint,
        created_at=taking.made_at,
    )
    secret, data_key = (
        canonical_json(taking.held.model_dump(mode="json")),
        old.data_key if old else os.urandom(KEY_BYTES),
    )
    create_vault(fresh, header, secret, taking.passphrase, data_key)
    fresh.replace(home.vault)
    ledger = Ledger(home.ledger, Vault(header, secret, data_key).ledger_key())
    ledger.append(entries.share_taken(sharing, taking.held.piece))


def read_signed(path: Path) -> Signed:
    """A signed message from a file; raises BadInput."""
    try:
        return Signed.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("sharing.file_missing", path=str(path)) from None
    except ValidationError:
        raise BadInput("sharing.not_signed", path=str(path)) from None
