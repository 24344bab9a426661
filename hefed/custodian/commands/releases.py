"""Commands about releases: who approves, what waits, what is published."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped, parse
from hefed.core.protocol.verdicts import VerdictTask
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    in_words,
    read_passphrase,
    say,
    tables,
    told,
)
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.releases.reviewing import Reading, Reviewer
from hefed.custodian.releases.votes import distrust, listed, trust

approvers_app = typer.Typer(help="Whose keys count when a result is released.", no_args_is_help=True)
FingerprintArgument = Annotated[str, typer.Argument(help="All 64 digits, in quotes if they are in groups.")]


@approvers_app.command("list")
def list_approvers(
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


releases_app = typer.Typer(
    help="Releases that wait for this hospital's own approval, beside the people who sign in the browser.",
    no_args_is_help=True,
)
ReleaseArgument = Annotated[str, typer.Argument(help="Its id, such as release-0002.")]
_WORDS = {"approve": "approved", "reject": "rejected"}


@releases_app.command("list")
def list_(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Open releases that hospitals' agents must approve."""
    with told(), _reviewer(home, server, token_file, passphrase_file) as reviewer:
        tasks = reviewer.tasks()
        table = Table("release", "version", "result of", "items", "until", "hospitals that approved", "this hospital")
        for task in tasks:
            approved = sum(says == "approve" for says in task.answered.values())
            items = ", ".join(one.item for one in task.commitments)
            table.add_row(
                *(task.release, str(task.version), task.job, items, task.expires_on.isoformat()),
                f"{approved} of {task.needed}",
                _own(task, reviewer),
            )
        say(table if tasks else "No release waits for the approval of hospitals' agents.")


@releases_app.command()
def show(
    release: ReleaseArgument,
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Print exactly what would be published, and what was suppressed."""
    with told(), _reviewer(home, server, token_file, passphrase_file) as reviewer:
        reading = reviewer.read(release)
        _show(reading)
        say(f"`releases approve {release}` or `releases reject {release} --reason ...` says what this hospital thinks.")


@releases_app.command()
def approve(
    release: ReleaseArgument,
    home: HomeOption,
    expect: Annotated[
        str, typer.Option("--expect", help="The digest that `show` printed; without it you read and are asked.")
    ] = "",
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Approve these very numbers for this hospital, signed with its card's key."""
    with told(), _reviewer(home, server, token_file, passphrase_file) as reviewer:
        reading = reviewer.read(release)
        if expect:
            _check_expected(reading, expect)
        else:
            _show(reading)
            if not typer.confirm("Have you read all of it, and may it be published?"):
                raise BadInput("commands.release_not_confirmed", release=release)
        reviewer.decide(reading, "approve")
        say(f"{reviewer.seat.card.name} approved {release} version {reading.task.version}.")


@releases_app.command()
def reject(
    release: ReleaseArgument,
    home: HomeOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; the requester and the approvers read it.")],
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Say no to this version, also after a yes. Write no number of the preview into the reason."""
    with told(), _reviewer(home, server, token_file, passphrase_file) as reviewer:
        reading = reviewer.read(release)
        reviewer.decide(reading, "reject", reason)
        say(f"{reviewer.seat.card.name} rejected {release} version {reading.task.version}.")


@contextmanager
def _reviewer(
    home: Path, server: str | None, token_file: Path | None, passphrase_file: Path | None
) -> Iterator[Reviewer]:
    client = connect(home, server, token_file)
    try:
        yield Reviewer.opened(Home(home), read_passphrase(passphrase_file), client)
    finally:
        client.close()


def _own(task: VerdictTask, reviewer: Reviewer) -> str:
    point = reviewer.seat.point
    if point in task.answered:
        return _WORDS[task.answered[point]]
    return "waits for you" if point in task.previews else "waits for the lead's preview"


def _show(reading: Reading) -> None:
    task = reading.task
    say(f"{task.release} version {task.version}: result of {task.job}, asked for by {task.asked_by}")
    say(f"Why: {task.why}", markup=False)
    say(f"For whom: {task.audience}", markup=False)
    say(f"To be decided until {task.expires_on.isoformat()}; agents of {task.needed} hospitals must approve.")
    for shown in tables(reading.content):
        say(shown)
    say("Digest of exactly this:")
    say(grouped(reading.digest))


def _check_expected(reading: Reading, expect: str) -> None:
    if parse(expect) != reading.digest:
        raise BadInput(
            "commands.digest_not_expected", release=reading.task.release, digest=grouped(reading.digest[:16])
        )
