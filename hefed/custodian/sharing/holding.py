"""A hospital's identity and its share, as its vault holds them.

``agent.json``: the card in clear, the private halves sealed with the pass phrase (Argon2id, AES-256-GCM).

Everything else in the directory (policy, ledger, sealed files) is what a single custodian has.
"""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from joserfc.jwk import ECKey
from pydantic import ValidationError

from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.base import Message
from hefed.core.protocol.envelope import Label, canonical_json
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import (
    Acceptance,
    AgentCard,
    KeySuccession,
    SharedPiece,
    Sharing,
    Signed,
    digest_of,
    sign,
)
from hefed.core.threshold.combine import to_share
from hefed.core.threshold.shamir import Share
from hefed.custodian.desk.policy import ReleaseRule, policy_text
from hefed.custodian.keeping import records
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.ledger import Ledger
from hefed.custodian.keeping.opened import read_key
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import (
    KEY_BYTES,
    Argon2Cost,
    SealBroken,
    Sealer,
    Vault,
    WrongPassphrase,
    check_passphrase,
    create_vault,
    new_header,
    open_vault,
    passphrase_key,
)

IDENTITY, CARD = "agent.json", "card.json"
_SALT_BYTES = 16


class _IdentityFile(Message):
    format: Literal["hefed-agent-keys/1"] = "hefed-agent-keys/1"
    card: AgentCard
    cost: Argon2Cost = Argon2Cost()
    salt: str
    keys: str


@dataclass(frozen=True)
class Identity:
    """An opened ``agent.json``."""

    card: AgentCard
    signing: ECKey = field(repr=False)
    agreement: ECKey = field(repr=False)


def create_identity(home: Path, *, study: str, institution: str, name: str, passphrase: str) -> AgentCard:
    """Fresh keys. ``card.json`` beside them is what goes to the ceremony."""
    check_passphrase(passphrase)
    path = private_directory(home) / IDENTITY
    if path.exists():
        raise BadInput("sharing.card_exists", path=str(path))
    signing, agreement = (ECKey.generate_key("P-256") for _ in range(2))
    halves = {"signing": public_half(signing), "agreement": public_half(agreement)}
    try:
        card = AgentCard(study=study, institution=institution, name=name, **halves)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput("sharing.card_field", field=str(first["loc"][0]), why=first["msg"]) from None
    salt, secret = os.urandom(_SALT_BYTES), {"signing": signing.as_dict(True), "agreement": agreement.as_dict(True)}
    sealer = Sealer(passphrase_key(Argon2Cost(), salt, passphrase))
    sealed = sealer.seal(json.dumps(secret).encode(), _purpose(card))
    file = _IdentityFile(card=card, salt=_text(salt), keys=_text(sealed))
    write_private(path, file.model_dump_json(indent=1).encode())
    write_private(home / CARD, card.model_dump_json(indent=1).encode())
    return card


def open_identity(home: Path, passphrase: str) -> Identity:
    """The keys of this agent; raises WrongPassphrase, or BadInput when there are none."""
    file = _read(home / IDENTITY)
    sealer = Sealer(passphrase_key(file.cost, base64.b64decode(file.salt), passphrase))
    try:
        secret = json.loads(sealer.unseal(base64.b64decode(file.keys), _purpose(file.card)))
    except SealBroken as error:
        raise WrongPassphrase("sharing.identity_passphrase", path=str(home / IDENTITY)) from error
    return Identity(file.card, ECKey.import_key(secret["signing"]), ECKey.import_key(secret["agreement"]))


def read_card(path: Path) -> AgentCard:
    """The card of an agent, as it came from a hospital."""
    try:
        return AgentCard.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("sharing.card_missing", path=str(path)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput("sharing.no_card", path=str(path), field=place, why=first["msg"]) from None


def _read(path: Path) -> _IdentityFile:
    try:
        return _IdentityFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("sharing.identity_missing", path=str(path)) from None
    except ValidationError:
        raise BadInput("sharing.identity_changed", path=str(path)) from None


def _purpose(card: AgentCard) -> str:
    return f"hefed agent keys {card.fingerprint}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


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


def signed_succession(sharing: Sharing, identity: Identity, new: str) -> Signed:
    """This hospital agrees that the key with that fingerprint takes the place of the one that it holds a share of."""
    point = sharing.seat_of(identity.card).point
    return sign(
        KeySuccession(study=sharing.study, sharing=sharing.digest, point=point, old=sharing.key_fingerprint, new=new),
        identity.signing,
    )


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
    ledger.append(records.share_taken(sharing, taking.held.piece))


def read_signed(path: Path) -> Signed:
    """A signed message from a file; raises BadInput."""
    try:
        return Signed.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("sharing.file_missing", path=str(path)) from None
    except ValidationError:
        raise BadInput("sharing.not_signed", path=str(path)) from None
