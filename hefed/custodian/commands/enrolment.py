"""A new custodian machine gets its token: a one-time code from the Keys page is exchanged for it, once."""

from pathlib import Path

from pydantic import ValidationError

from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.base import Message
from hefed.core.protocol.enrolment import Enrolment
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import read_header

ENROLMENT, TOKEN = "enrolment.json", "token"  # noqa: S105  a file name
_CODE_CHARACTERS = (8, 120)


class EnrolmentFile(Message):
    """Beside the token: whose it is, so that later commands need no ``--server``."""

    server: str
    study: str
    profile: str


def enrol(home: Home, server: str, code: str) -> Enrolment:
    """Exchange the code and keep what it brings: the token (mode 600), the server's address, study and profile."""
    if not _CODE_CHARACTERS[0] <= len(code.strip()) <= _CODE_CHARACTERS[1]:
        raise BadInput("cannot enrol: that is no code; copy it from the Keys page, such as demo.7KQF-9XWM-T3PA")
    target = private_directory(home.path)
    if (target / TOKEN).exists():
        raise BadInput(f"cannot enrol: {target / TOKEN} holds a token already; remove it first if it no longer works")
    client = CustodianClient(server, "")
    try:
        enrolment = client.enrol(code.strip())
    finally:
        client.close()
    _check_study(home, enrolment)
    kept = EnrolmentFile(server=server.rstrip("/"), study=enrolment.study, profile=enrolment.profile)
    write_private(target / TOKEN, f"{enrolment.token}\n".encode())
    write_private(target / ENROLMENT, kept.model_dump_json(indent=1).encode())
    return enrolment


def enrolled(home: Path) -> EnrolmentFile:
    """What ``enrol`` kept; raises BadInput when there is nothing."""
    try:
        return EnrolmentFile.model_validate_json((home / ENROLMENT).read_bytes())
    except FileNotFoundError:
        raise BadInput(f"cannot tell the server: {home} is not enrolled; give --server, or run `enrol` first") from None
    except ValidationError as error:
        raise BadInput(f"cannot use {home / ENROLMENT}: it was changed; run `enrol` with a new code") from error


def _check_study(home: Home, enrolment: Enrolment) -> None:
    """A directory that holds a key already must hold it for this study."""
    if home.vault.exists() and read_header(home.vault).study != enrolment.study:
        raise WrongKey(
            f"cannot enrol: {home.path} holds the key of {read_header(home.vault).study}, the code is for "
            f"{enrolment.study}; choose another --home and ask for a new code"
        )
