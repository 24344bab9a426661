"""``python -m hefed.custodian approvers``: whose keys count for a release."""

from typing import Annotated

import typer

from hefed.core.protocol.fingerprint import grouped
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    in_words,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.releases.approvers import distrust, listed, trust

approvers_app = typer.Typer(help="Whose keys count when a result is released.", no_args_is_help=True)
FingerprintArgument = Annotated[str, typer.Argument(help="All 64 digits, in quotes if they are in groups.")]


@approvers_app.command("list")
def list_(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Keys that people registered at the server, and for which of them somebody here vouched."""
    with told():
        vault = open_vault(Home(home).vault, read_passphrase(passphrase_file))
        client = connect(home, server, token_file)
        rows = listed(client.approvers(), Store(home, vault.sealer()).trusted())
        client.close()
        for row in rows:
            say(grouped(row.fingerprint))
            if row.owner:
                say(f"    the server says: {row.owner.name}, {row.owner.email}, of {row.owner.institution}")
            if row.trusted:
                say(f"    vouched for here: {row.trusted.name or 'no name'}, of {row.trusted.institution}")
            say(f"    {in_words(row.state)}")
        if not rows:
            say("Nobody has registered a key yet. People make theirs on the page Approval key.")


@approvers_app.command("trust")
def trust_(
    fingerprint: FingerprintArgument,
    home: HomeOption,
    institution: Annotated[str, typer.Option("--institution", help="The short name of the owner's institution.")],
    name: Annotated[str, typer.Option("--name", help="Whose key it is, for your own list.")] = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let a key count. First have its owner read all 64 digits to you, on a telephone number that you know."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        record = trust(place, vault, fingerprint, institution=institution, name=name)
        institutions = sorted({one.institution for one in Store(home, vault.sealer()).trusted().values()})
        say(f"The key {grouped(record.fingerprint)} counts for {record.institution} from the agent's next look on.")
        say(f"Institutions with a key that counts: {', '.join(institutions)}.")


@approvers_app.command("distrust")
def distrust_(fingerprint: FingerprintArgument, home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Let a key count no more, when it was lost or its owner left. What was published stays."""
    with told():
        place = Home(home)
        gone = distrust(place, open_vault(place.vault, read_passphrase(passphrase_file)), fingerprint)
        say(f"The key {grouped(gone)} counts no more from the agent's next look on.")
