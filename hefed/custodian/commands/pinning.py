"""Commands for the study's fingerprint: its author computes it from the dictionary, key holders pin it once."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hefed.core.ckks.params import profile as profile_named
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import BadInput, WrongKey
from hefed.core.learning.kinds.table import KINDS
from hefed.core.learning.pinned import study_fingerprint
from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.uploads import StudyPackage
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import Ledger
from hefed.custodian.keeping.records import PinRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import Vault, open_vault

LEAST_DIGITS = 8

app = typer.Typer(no_args_is_help=True)


@app.command()
def fingerprint(
    study: Annotated[str, typer.Option("--study", help="The study's short name.")],
    dictionary: Annotated[Path, typer.Option("--dictionary", help="The dictionary as it was agreed, a CSV file.")],
    profile: Annotated[str, typer.Option("--profile", help="Parameter profile.")] = "N14_L9",
) -> None:
    """Compute a study's fingerprint from its dictionary, without the server; read it to every key holder."""
    with told():
        read = DataDictionary.from_csv(_text(dictionary))
        say(grouped(study_fingerprint(study, profile_named(profile), read)))


@app.command()
def pin(
    home: HomeOption,
    digits: Annotated[
        str,
        typer.Option("--fingerprint", help="At least eight digits as its author read them; without it you are asked."),
    ] = "",
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Say which dictionary, profile and rounds are answered here: those whose fingerprint was read to you."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        client = connect(home, server, token_file)
        study = client.study()
        client.close()
        _describe(study)
        typed = digits or typer.prompt("First digits of the fingerprint, as its author reads them (eight or more)")
        pinned = pin_study(place, vault, study, typed)
        say(f"Pinned. Requests are answered while the study's fingerprint is this one: {grouped(pinned)}")


def pin_study(place: Home, vault: Vault, study: StudyPackage, typed: str) -> str:
    """Pin the study as the server describes it, if its fingerprint begins with what a person typed; gives all of it."""
    header, digits = vault.header, re.sub(r"[\s:-]", "", typed).lower()
    if len(digits) < LEAST_DIGITS or not re.fullmatch(r"[0-9a-f]+", digits):
        raise BadInput("commands.pin_digits", found=len(re.sub(r"[^0-9a-f]", "", digits)), least=LEAST_DIGITS)
    found = study_fingerprint(
        header.study, profile_named(header.profile), DataDictionary.from_csv(study.dictionary_csv)
    )
    if (study.study, study.profile) != (header.study, header.profile) or not found.startswith(digits):
        raise WrongKey("commands.pin_other")
    store = Store(place.path, vault.sealer())
    before = store.pinned()
    if before != found:
        store.pin(PinRecord(fingerprint=found, pinned_at=datetime.now(UTC).isoformat(timespec="seconds")))
        Ledger(place.ledger, vault.ledger_key()).append(records.pinned(found, before))
    return found


def check_pinned(place: Home, vault: Vault) -> None:
    """Raise BadInput before anybody pinned the study here."""
    if not Store(place.path, vault.sealer()).pinned():
        raise BadInput("commands.not_pinned")


def _describe(study: StudyPackage) -> None:
    """What the server says, without the fingerprint: that comes from somebody else."""
    dictionary = DataDictionary.from_csv(study.dictionary_csv)
    say(f"Study {study.name} ({study.study}), profile {study.profile}, dictionary version {study.dictionary_version}:")
    for column in dictionary.columns:
        say(f"    {column.name}, centre {column.centre:g}, scale {column.scale:g}", markup=False)
    say(f"Rounds: {', '.join(KINDS)}.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput("keeping.missing", path=str(path)) from None
