"""A custodian's directory, opened with its pass phrase: what every part of the program works on."""

from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey

from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.lead import VOICE
from hefed.core.protocol.signing import public_half
from hefed.custodian.keeping.files import write_private
from hefed.custodian.keeping.ledger import Ledger, verify
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import Vault


@dataclass(frozen=True)
class Custodian:
    """One opened directory, whether its vault holds a whole key or a share of one."""

    home: Home
    vault: Vault
    store: Store
    ledger: Ledger
    public: PublicKeys

    @property
    def profile(self) -> Profile:
        return profile(self.vault.header.profile)

    def label(self) -> Label:
        """What an answer is addressed with."""
        header = self.vault.header
        return Label("answer", header.study, header.profile, header.key_fingerprint)


def open_custodian(home: Home, vault: Vault) -> Custodian:
    """Check the ledger, load the public key; raises LedgerBroken, KeyInvalid or WrongKey."""
    verify(home.ledger, vault.ledger_key())
    ring = profile(vault.header.profile)
    public = PublicKeys.load(ring, read_key(home.public_key, Label("public-key", vault.header.study, ring.name)))
    if public.fingerprint != vault.header.key_fingerprint:
        raise WrongKey(
            "keeping.other_public_key",
            path=str(home.path),
            found=public.fingerprint[:16],
            wanted=vault.header.key_fingerprint[:16],
            file=home.public_key.name,
        )
    return Custodian(home, vault, Store(home.path, vault.sealer()), Ledger(home.ledger, vault.ledger_key()), public)


def write_key(path: Path, label: Label, key: bytes, voice: ECKey | None = None) -> None:
    """One public half in an envelope of its own. ``voice``: whose signature the server asks for from then on."""
    meta = None if voice is None else {VOICE: public_half(voice).model_dump()}
    write_private(path, envelope.to_bytes(label, [key], meta))


def read_key(path: Path, label: Label) -> bytes:
    """The inverse; raises BadInput, or EnvelopeInvalid for a file of something else."""
    try:
        with path.open("rb") as stream:
            _, items = envelope.iterate_verified(stream, label)
            return b"".join(items)
    except FileNotFoundError:
        raise BadInput("keeping.missing", path=str(path)) from None
