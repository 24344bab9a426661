"""Where the study comes from: the server, or files that somebody fetched before."""

from dataclasses import dataclass
from pathlib import Path

from hefed.encryptor.client import HospitalClient
from hefed.encryptor.study import SealedStudy, Study, with_key
from hefed.errors import BadInput


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
            raise BadInput("cannot reach a server: --server and --token-file are needed; give both")
        token = self.token_file.read_text(encoding="utf-8").strip()
        if not token.isascii() or not token.isprintable() or not token:
            raise BadInput(f"cannot use {self.token_file.name}: it does not hold a token; save the token alone in it")
        return HospitalClient(self.server, token)

    def study(self) -> Study:
        if self.study_file is not None:
            return Study.from_file(self.study_file)
        if self.server is None:
            raise BadInput("cannot know the study: give --study-file, or --server with --token-file")
        with self.client() as client:
            return Study(client.study())

    def sealed_study(self, expected: str | None) -> SealedStudy:
        """The study with its public key, fingerprints compared."""
        study = self.study()
        if self.key_file is not None:
            return with_key(study, self.key_file.read_bytes(), expected)
        if self.server is None:
            raise BadInput("cannot encrypt: give --key-file, or --server with --token-file")
        with self.client() as client:
            return with_key(study, client.public_key(), expected)
