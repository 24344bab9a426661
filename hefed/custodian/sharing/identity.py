"""An agent's own two keys: it signs with one, and shares and answers are sealed to the other.

``agent.json``: the card in clear, the private halves sealed with the pass phrase (Argon2id, AES-256-GCM).
"""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from joserfc.jwk import ECKey
from pydantic import ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Message
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.vault import (
    Argon2Cost,
    SealBroken,
    Sealer,
    WrongPassphrase,
    check_passphrase,
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
