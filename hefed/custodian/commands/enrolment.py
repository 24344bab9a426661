"""A new custodian machine gets its token: a one-time code from the Keys page is exchanged for it, once."""

from pathlib import Path

from pydantic import ValidationError

from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.base import Message
from hefed.core.protocol.requests import Enrolment
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
        raise BadInput("commands.no_code")
    target = private_directory(home.path)
    if (target / TOKEN).exists():
        raise BadInput("commands.holds_token", path=str(target / TOKEN))
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
        raise BadInput("commands.not_enrolled", home=str(home)) from None
    except ValidationError as error:
        raise BadInput("commands.enrolment_changed", path=str(home / ENROLMENT)) from error


def _check_study(home: Home, enrolment: Enrolment) -> None:
    """A directory that holds a key already must hold it for this study."""
    if home.vault.exists() and read_header(home.vault).study != enrolment.study:
        raise WrongKey(
            "commands.other_study", path=str(home.path), study=read_header(home.vault).study, code_study=enrolment.study
        )
