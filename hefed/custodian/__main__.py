"""``python -m hefed.custodian``: the key custodian's commands. Exit codes: 0 done, 1 refused or broken, 2 usage."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.table import Table

from hefed.custodian.agent import Agent, open_custodian
from hefed.custodian.approver_commands import approvers_app
from hefed.custodian.backup import restore_backup, write_backup
from hefed.custodian.client import CustodianClient, KeyName
from hefed.custodian.encrypting import encrypting
from hefed.custodian.enrol import TOKEN, enrolled
from hefed.custodian.enrol import enrol as enrol_home
from hefed.custodian.files import sole_user
from hefed.custodian.initialise import create_home
from hefed.custodian.ledger import Entry, Ledger, read_lines, verify
from hefed.custodian.page.facts import Watch
from hefed.custodian.page.reviews import Reviews
from hefed.custodian.page.server import shown
from hefed.custodian.policy import ReleaseRule, read_policy
from hefed.custodian.rotate import check_free, describe, waiting_rotation
from hefed.custodian.rotate import rotate as rotate_home
from hefed.custodian.store import Home, Store
from hefed.custodian.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    log_to_stderr,
    new_passphrase,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.threshold.agents import LeadAgent, ShareAgent, open_share_holder
from hefed.custodian.threshold.commands import app as threshold_app
from hefed.custodian.threshold.holding import check_whole_key, holds_share
from hefed.custodian.threshold.identity import open_identity
from hefed.custodian.threshold.lead import signed_notice
from hefed.custodian.threshold.lead_commands import app as lead_app
from hefed.custodian.threshold.release_commands import releases_app
from hefed.custodian.vault import Vault, open_vault, read_header
from hefed.errors import BadInput, WrongKey
from hefed.protocol.fingerprint import grouped
from hefed.protocol.messages import RotationEffect

app = typer.Typer(
    help="Holds a study's secret key and answers the server's requests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
ledger_app = typer.Typer(help="The record of what was opened and why.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")
app.add_typer(threshold_app)  # card, ceremony, take, reshare
app.add_typer(lead_app)  # lead, take-over
app.add_typer(approvers_app, name="approvers")
app.add_typer(releases_app, name="releases")

DEFAULT_PROFILE = "N14_L9"


@app.command()
def enrol(
    home: HomeOption,
    server: Annotated[str, typer.Option("--server", help="Address of the study server, https://...")],
    code: Annotated[str, typer.Option("--code", help="The one-time code from the Keys page.")],
) -> None:
    """Exchange a one-time code for this custodian's access token; the commands after it need no --server."""
    with told():
        found = enrol_home(Home(home), server, code)
        say(f"Enrolled for study {found.name} ({found.study}). The token is in {home / TOKEN}.")
        say("Next: `init` makes the keys, `publish` sends the public ones, `run` answers.")


@app.command()
def init(
    home: HomeOption,
    study: Annotated[str, typer.Option("--study", help="The study's short name; without it the enrolled one.")] = "",
    profile: Annotated[str, typer.Option("--profile", help="Parameter profile; without it the enrolled one.")] = "",
    release: Annotated[
        ReleaseRule, typer.Option("--release", help="Who lets results go; a line of policy.toml, which explains it.")
    ] = "approval",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make the study's keys and seal the secret one with a pass phrase."""
    with told():
        study = study or enrolled(home).study
        profile = profile or (enrolled(home).profile if (home / TOKEN).exists() else DEFAULT_PROFILE)
        passphrase = new_passphrase(passphrase_file)
        header = create_home(Home(home), study=study, profile_name=profile, passphrase=passphrase, release=release)
        say(f"Keys of study {header.study} ({header.profile}) are in {home}. Fingerprint:")
        say(grouped(header.key_fingerprint))
        say("Back up this directory and keep the pass phrase apart from it: without both, no result can be read.")


@app.command()
def publish(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Send the public and the relinearisation key to the server. The secret key never leaves."""
    with told():
        place, header = Home(home), read_header(Home(home).vault)
        client = connect(home, server, token_file)
        for name, path in (("public", place.public_key), ("relinearisation", place.relinearisation_key)):
            info = client.put_key(cast(KeyName, name), path)
            if info.fingerprint != header.key_fingerprint:
                raise WrongKey(f"cannot publish: the server stored the key {info.fingerprint[:16]}, not this one")
        if holds_share(place):
            client.put_sharing(signed_notice(place))
        client.close()
        vault = open_vault(place.vault, read_passphrase(passphrase_file)) if passphrase_file else None
        _note(place, vault, Entry(event="published", rule=f"key {header.key_fingerprint}"))
        say(f"Published the keys of study {header.study}. Read this fingerprint to every hospital:")
        say(grouped(header.key_fingerprint))


@app.command()
def run(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
    once: Annotated[bool, typer.Option("--once", help="Look at the server once, then stop.")] = False,
    idle_exit: Annotated[float | None, typer.Option("--idle-exit", help="Stop after this many idle seconds.")] = None,
    page: Annotated[
        int | None,
        typer.Option(
            "--page", min=1, max=65535, help="Show a page about the agent on this port, on this machine only."
        ),
    ] = None,
) -> None:
    """Answer the server's requests until SIGTERM or Ctrl-C."""
    with told():
        log_to_stderr()
        place, passphrase = Home(home), read_passphrase(passphrase_file)
        read_policy(place.policy)
        vault = open_vault(place.vault, passphrase)
        client, stop = connect(home, server, token_file), threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with (
            sole_user(home / "run.lock"),
            _agent(place, vault, passphrase, client, stop) as agent,
            _page(page, place, client, agent),
        ):
            Ledger(place.ledger, vault.ledger_key()).append(Entry(event="started"))
            logging.getLogger(__name__).info("answering for study %s", vault.header.study)
            agent.run(once=once, idle_exit_seconds=idle_exit)
        client.close()


@contextmanager
def _agent(
    place: Home, vault: Vault, passphrase: str, client: CustodianClient, stop: threading.Event
) -> Iterator[Agent]:
    """The agent for what the directory holds: a whole key, or a share of one, and then for whoever leads."""
    holder = open_share_holder(place, vault, open_identity(place.path, passphrase)) if holds_share(place) else None
    if holder is not None and holder.lead.point != holder.point:
        yield ShareAgent(holder, client, stop)
        return
    custodian = holder.custodian if holder else open_custodian(place, vault)
    with encrypting(custodian.public) as encryptor:
        yield LeadAgent(holder, client, encryptor, stop) if holder else Agent(custodian, client, encryptor, stop)


@contextmanager
def _page(port: int | None, place: Home, client: CustodianClient, agent: Agent) -> Iterator[None]:
    """The page about this agent, when somebody asked for one."""
    if port is None:
        yield
        return
    watch = Watch(place, client.server, agent.contact, Reviews(client.verdict_tasks))
    with shown(port, watch.facts) as address:
        logging.getLogger(__name__).info("a page about this agent is at %s", address)
        yield


@app.command()
def approve(request: str, home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Let a held result go (policy: release = "hold")."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        store = Store(place.path, vault.sealer())
        stored = store.answer(request)
        if stored is None or not stored.record.held:
            raise BadInput(f"cannot approve {request}: no result is held under that id; `status` lists them")
        store.approve(request)
        Ledger(place.ledger, vault.ledger_key()).append(Entry(event="approved", request=request))
        say(f"Result {request} goes to the server at the agent's next look.")


@app.command()
def forget(batch: str, home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Drop the sums of a withdrawn batch, so that the same table can be sent again."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        if not Store(place.path, vault.sealer()).forget(batch):
            raise BadInput(f"cannot forget batch {batch}: this custodian holds no sums of it; check the id")
        Ledger(place.ledger, vault.ledger_key()).append(Entry(event="forgotten", rule=f"batch {batch}"))
        say(f"Batch {batch} is forgotten; jobs over it can no longer begin.")


@app.command()
def rotate(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts that showed the effect before.")] = False,
) -> None:
    """Replace the study's key by a new one. Says first which hospitals must encrypt again, and asks."""
    with told():
        check_whole_key(Home(home))
        passphrase = read_passphrase(passphrase_file)
        vault = open_vault(Home(home).vault, passphrase)
        client = connect(home, server, token_file)
        with sole_user(home / "run.lock"):
            _say_what_rotates(Home(home), client.rotation())
            if not (yes or typer.confirm("Replace the key now?")):
                raise BadInput("nothing was changed: the rotation was not confirmed; run it again when you are ready")
            header = rotate_home(Home(home), vault, client, passphrase)
        client.close()
        say("The new key is in use once somebody confirms its fingerprint on the Keys page. Read it to them:")
        say(grouped(header.key_fingerprint))
        say("Make a new backup now: the old one holds the old key.")


def _say_what_rotates(place: Home, effect: RotationEffect) -> None:
    check_free(effect)
    for line in describe(effect):
        say(line)
    if waiting_rotation(place):
        say("A rotation was stopped half way; this goes on with the key that was made then.")


@app.command()
def backup(
    home: HomeOption,
    out: Annotated[Path, typer.Option("--out", help="The new file.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Seal vault, ledger, policy and jobs into one file. It opens with the vault's pass phrase only."""
    with told():
        header = write_backup(Home(home), out, read_passphrase(passphrase_file))
        say(f"{out} holds the custodian of {header.study} with {header.lines} ledger lines.")
        say("Keep it on another machine, and the pass phrase apart from both.")


@app.command()
def restore(
    home: HomeOption,
    source: Annotated[Path, typer.Option("--from", help="The backup file.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Set up a new machine from a backup. The ledger goes on with a line about it."""
    with told():
        header = restore_backup(source, Home(home), read_passphrase(passphrase_file))
        say(f"Restored the custodian of {header.study} as of {header.created_at} ({header.lines} ledger lines).")
        say("Stop the old machine for good, then `enrol` this one with a new code and `run` it.")


@app.command()
def status(home: HomeOption) -> None:
    """Key, policy and counts; needs no pass phrase."""
    with told():
        place = Home(home)
        header, policy = read_header(place.vault), read_policy(place.policy)
        lines = [line for line in read_lines(place.ledger) if line.event == "answer"]
        table = Table(show_header=False, box=None)
        table.add_row("study", f"{header.study} ({header.profile}), key made {header.created_at}")
        table.add_row("fingerprint", grouped(header.key_fingerprint))
        table.add_row("policy", policy.model_dump_json(exclude={"disclosure"}))
        table.add_row("disclosure", policy.disclosure.model_dump_json())
        for outcome in sorted({line.outcome for line in lines}):
            table.add_row(outcome, str(sum(line.outcome == outcome for line in lines)))
        table.add_row("openings", f"{sum(line.openings for line in lines):,}")
        waiting = ", ".join(sorted(path.stem for path in (home / "answers").glob("*.sealed")))
        table.add_row("kept answers", waiting or "none")
        sealed = ", ".join(sorted(path.stem for path in (home / "sealed").glob("*.sealed")))
        table.add_row("sealed results", sealed or "none")
        table.add_row("keys that count", str(len(list((home / "approvers").glob("*.sealed")))))
        say(table)


@ledger_app.command("verify")
def ledger_verify(home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Check the chain; exit code 1 and the first bad line when it does not hold.

    With the pass phrase file the end of the chain is authenticated too.
    """
    with told():
        place = Home(home)
        key = open_vault(place.vault, read_passphrase(passphrase_file)).ledger_key() if passphrase_file else None
        count = verify(place.ledger, key)
        if not count:
            raise BadInput(f"line 1: missing; {place.ledger} holds no line, and `init` writes the first")
        say(f"{count} lines hold." + ("" if key else " (End of the chain not authenticated: no pass phrase.)"))


@ledger_app.command("show")
def ledger_show(home: HomeOption, last: Annotated[int, typer.Option("--last", help="How many lines.")] = 50) -> None:
    """The last lines, one event each."""
    with told():
        table = Table("line", "time", "event", "request", "kind", "job", "round", "rows", "opened", "outcome", "rule")
        for line in list(read_lines(Home(home).ledger))[-last:]:
            cells = (line.number, line.time, line.event, line.request, line.kind, line.job)
            numbers = ("" if value is None else value for value in (line.round, line.rows, line.openings or ""))
            table.add_row(*map(str, (*cells, *numbers, line.outcome, line.rule)))
        say(table)


def _note(place: Home, vault: Vault | None, entry: Entry) -> None:
    if vault is not None:
        Ledger(place.ledger, vault.ledger_key()).append(entry)


if __name__ == "__main__":
    app()
