"""The study as the encryptor knows it: asked of a server, or kept in files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import httpx
from pydantic import ValidationError
from tenacity.wait import wait_random_exponential

from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import Profile, profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, Conflict, EnvelopeInvalid, RemoteFailed, WrongKey
from hefed.core.protocol import envelope, fingerprint
from hefed.core.protocol.uploads import BatchManifest, BatchStatus, BlockStatus, StudyPackage
from hefed.core.words import Said
from hefed.http.client import Patience, ServerClient, checked, parsed, refusal

T = TypeVar("T")

PUBLIC_KEY_LIMIT_BYTES = 64 * 1024 * 1024
PATIENCE = Patience(6, wait_random_exponential(multiplier=0.5, max=20), Said("server.check_network"))


class WrongOffset(Conflict):
    """The server holds another number of bytes of a block than the sender thought."""

    def __init__(self, expected: int) -> None:
        super().__init__("encryptor.offset", expected=expected)
        self.expected = expected


class BlockRejected(RemoteFailed):
    """All bytes of a block arrived, but not those that the manifest announced; the server starts it from 0."""


class HospitalClient:
    """Speaks to one study's server with one institution's token; ``transport`` stands for the network if given."""

    def __init__(
        self,
        server: str,
        token: str,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = ServerClient(server, token, patience or PATIENCE, "hefed-encryptor", transport)

    def __enter__(self) -> "HospitalClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def study(self) -> StudyPackage:
        return parsed(StudyPackage.model_validate_json, self._http.call("GET", "study"))

    def public_key(self) -> bytes:
        """The ``public-key`` envelope as the server holds it."""
        content = self._http.call("GET", "keys/public").content
        if len(content) > PUBLIC_KEY_LIMIT_BYTES:
            raise RemoteFailed("encryptor.key_size", size=len(content), limit=PUBLIC_KEY_LIMIT_BYTES)
        return content

    def announce(self, manifest: BatchManifest) -> BatchStatus:
        return self._status(self._http.call("POST", "batches", json=manifest.model_dump(mode="json")))

    def batch(self, batch: str) -> BatchStatus:
        return self._status(self._http.call("GET", f"batches/{batch}"))

    def append(self, batch: str, index: int, offset: int, piece: bytes) -> BlockStatus:
        """Send bytes of a block once; the caller asks the server where it stands before trying again."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        response = self._http.send_once("PATCH", f"batches/{batch}/blocks/{index}", piece, headers)
        if response.status_code == httpx.codes.CONFLICT and response.headers.get("Upload-Offset", "").isdigit():
            raise WrongOffset(int(response.headers["Upload-Offset"]))
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise BlockRejected("encryptor.block_refused", index=index, reason=refusal(response))
        return parsed(BlockStatus.model_validate_json, checked(response))

    def complete(self, batch: str) -> BatchStatus:
        return self._status(self._http.call("POST", f"batches/{batch}/complete"))

    def repeated(self, once: Callable[[], T], what: str) -> T:
        """Try again while the fault may pass; raises RemoteFailed when it did not."""
        return self._http.repeated(once, what)

    def _status(self, response: httpx.Response) -> BatchStatus:
        return parsed(BatchStatus.model_validate_json, response)


PACKAGE_NAME = "study.json"
KEY_NAME = "public-key.hefed"


@dataclass(frozen=True)
class Study:
    """A package whose dictionary matches its digest and whose ring is known."""

    package: StudyPackage

    def __post_init__(self) -> None:
        try:
            profile(self.package.profile)
        except BadInput as error:
            raise WrongKey("encryptor.package", why=error.said) from error
        if self.dictionary.digest != self.package.dictionary_digest:
            digest, announced = self.dictionary.digest[:16], self.package.dictionary_digest[:16]
            raise WrongKey("encryptor.package_digest", digest=digest, announced=announced)

    @cached_property
    def dictionary(self) -> DataDictionary:
        return DataDictionary.from_csv(self.package.dictionary_csv)

    @cached_property
    def profile(self) -> Profile:
        return profile(self.package.profile)

    @classmethod
    def from_file(cls, path: Path) -> "Study":
        try:
            return cls(StudyPackage.model_validate_json(path.read_bytes()))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "JSON"
            raise WrongKey("encryptor.no_package", name=path.name, place=place, message=first["msg"]) from error


@dataclass(frozen=True)
class SealedStudy:
    """A study together with the public key that its package names."""

    study: Study
    keys: PublicKeys = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return self.keys.fingerprint


def with_key(study: Study, data: bytes, expected: str | None = None) -> SealedStudy:
    """Join a package and a ``public-key`` envelope; raises WrongKey unless study, ring and fingerprint agree.

    ``expected`` is a fingerprint that a person got on another way (``--expect-fingerprint``).
    """
    package = study.package
    if package.key is None:
        raise WrongKey("encryptor.no_key")
    opened = envelope.from_bytes(data)
    wanted = envelope.Label("public-key", package.study, package.profile)
    try:
        envelope.check_label(opened.header, wanted)
    except EnvelopeInvalid as error:
        raise WrongKey("encryptor.public_key", why=error.said) from error
    _check_fingerprint(opened.header.payload_sha256, package.key.fingerprint)
    if expected is not None:
        _check_fingerprint(opened.header.payload_sha256, fingerprint.parse(expected), typed=True)
    keys = PublicKeys.load(study.profile, b"".join(opened.items))
    _check_fingerprint(keys.fingerprint, package.key.fingerprint)
    return SealedStudy(study, keys)


def save(folder: Path, package: StudyPackage, key: bytes | None) -> list[Path]:
    """Write the package, and the key if there is one, for use on a computer without network."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / PACKAGE_NAME]
    written[0].write_text(package.model_dump_json(indent=1), encoding="utf-8")
    if key is not None:
        written.append(folder / KEY_NAME)
        written[1].write_bytes(key)
    return written


def _check_fingerprint(found: str, wanted: str, typed: bool = False) -> None:
    """``typed``: the wanted one came from a person, not from the study package."""
    if found != wanted:
        raise WrongKey(
            "encryptor.fingerprint_expected" if typed else "encryptor.fingerprint_package",
            found=fingerprint.grouped(found),
            wanted=fingerprint.grouped(wanted),
        )


@dataclass(frozen=True)
class Source:
    """The connection and file options of a command. A file wins over the server."""

    server: str | None = None
    token_file: Path | None = None
    study_file: Path | None = None
    key_file: Path | None = None

    def client(self) -> HospitalClient:
        """Raises BadInput when address or token is missing."""
        if self.server is None or self.token_file is None:
            raise BadInput("encryptor.no_server")
        token = self.token_file.read_bytes().decode("utf-8-sig", "replace").strip()
        if not token.isascii() or not token.isprintable() or not token:
            raise BadInput("encryptor.no_token", name=self.token_file.name)
        return HospitalClient(self.server, token)

    def study(self) -> Study:
        if self.study_file is not None:
            return Study.from_file(self.study_file)
        if self.server is None:
            raise BadInput("encryptor.no_study")
        with self.client() as client:
            return Study(client.study())

    def sealed_study(self, expected: str | None) -> SealedStudy:
        """The study with its public key, fingerprints compared."""
        study = self.study()
        if self.key_file is not None:
            return with_key(study, self.key_file.read_bytes(), expected)
        if self.server is None:
            raise BadInput("encryptor.no_key_option")
        with self.client() as client:
            return with_key(study, client.public_key(), expected)
