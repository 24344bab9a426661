"""Commands of every day: run the agent, look at what it holds."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.fingerprint import grouped
from hefed.custodian.agent.alone import Alone
from hefed.custodian.agent.encrypting import encrypting
from hefed.custodian.agent.holder import Holder
from hefed.custodian.agent.lead import Lead
from hefed.custodian.agent.loop import Agent
from hefed.custodian.agent.share import open_share_holder
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands.pinning import check_pinned
from hefed.custodian.commands.rotation import destroy_previous
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    log_to_stderr,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.desk.policy import ReleaseRule, policy_text, read_policy
from hefed.custodian.keeping import records
from hefed.custodian.keeping.files import private_directory, sole_user, write_private
from hefed.custodian.keeping.ledger import Ledger, read_lines, rule_words, verify
from hefed.custodian.keeping.opened import open_custodian, write_key
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import (
    KEY_BYTES,
    Vault,
    VaultHeader,
    check_passphrase,
    create_vault,
    new_header,
    open_vault,
    read_header,
    voice_key,
)
from hefed.custodian.page.facts import Reviews, Watch
from hefed.custodian.page.server import shown
from hefed.custodian.sharing.holding import holds_share, open_identity

_log = logging.getLogger(__name__)


def create_home(
    home: Home, *, study: str, profile_name: str, passphrase: str, release: ReleaseRule = "approval"
) -> VaultHeader:
    """Generate the study's keys. The vault comes last: a directory without one was never finished."""
    check_passphrase(passphrase)
    if home.vault.exists():
        raise BadInput("commands.holds_key", path=str(home.vault))
    started = time.monotonic()
    secret, evaluation = generate_keys(profile(profile_name))
    public, fingerprint = evaluation.public, evaluation.fingerprint
    _log.info("keys of %s made in %.2f s", profile_name, time.monotonic() - started)
    private_directory(home.path)
    data_key = os.urandom(KEY_BYTES)
    write_key(
        home.public_key, Label("public-key", study, profile_name), public.public, voice_key(data_key, fingerprint)
    )
    label = Label("relinearisation-key", study, profile_name, fingerprint)
    write_key(home.relinearisation_key, label, evaluation.relinearisation)
    if not home.policy.exists():
        write_private(home.policy, policy_text(release).encode())
    created = datetime.now(UTC).isoformat(timespec="seconds")
    header = new_header(study=study, profile=profile_name, key_fingerprint=fingerprint, created_at=created)
    create_vault(home.vault, header, secret.stream, passphrase, data_key)
    vault = open_vault(home.vault, passphrase)
    Ledger(home.ledger, vault.ledger_key()).append(records.initialised(study, fingerprint))
    return header


LIMITS = ("jobs_per_pool", "openings_per_cohort", "failures_per_hospital")

app = typer.Typer(no_args_is_help=True)
ledger_app = typer.Typer(help="The record of what was opened and why.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")


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
            check_pinned(place, vault)
            ledger = Ledger(place.ledger, vault.ledger_key())
            ledger.append(records.started())
            destroy_previous(place, ledger)
            logging.getLogger(__name__).info("answering for study %s", vault.header.study)
            agent.run(once=once, idle_exit_seconds=idle_exit)
        client.close()


@contextmanager
def _agent(
    place: Home, vault: Vault, passphrase: str, client: CustodianClient, stop: threading.Event
) -> Iterator[Agent]:
    """The agent with the strategy for what the directory holds: a whole key, or a share of one."""
    if not holds_share(place):
        custodian = open_custodian(place, vault)
        with encrypting(custodian.public) as encryptor:
            yield Agent(custodian, client, Alone(custodian, client, encryptor), stop)
        return
    holder = open_share_holder(place, vault, open_identity(place.path, passphrase))
    custodian = holder.custodian
    if holder.lead.point != holder.point:
        yield Agent(custodian, client, Holder(holder, client), stop)
        return
    with encrypting(custodian.public) as encryptor:
        yield Agent(custodian, client, Lead(holder, client, encryptor), stop)


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
            raise BadInput("commands.no_held_result", request=request)
        store.approve(request)
        Ledger(place.ledger, vault.ledger_key()).append(records.approved(request))
        say(f"Result {request} goes to the server at the agent's next look.")


@app.command()
def forget(batch: str, home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Drop the sums of a withdrawn batch, so that the same table can be sent again."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        if not Store(place.path, vault.sealer()).forget(batch):
            raise BadInput("commands.no_sums", batch=batch)
        Ledger(place.ledger, vault.ledger_key()).append(records.forgotten(batch))
        say(f"Batch {batch} is forgotten; jobs over it can no longer begin. The pools that it was in still count.")


@app.command()
def forgive(institution: str, home: HomeOption, passphrase_file: PassphraseOption = None) -> None:
    """Let a hospital send batches again whose batches failed too often. First find out why they failed."""
    with told():
        place = Home(home)
        vault = open_vault(place.vault, read_passphrase(passphrase_file))
        count = Store(place.path, vault.sealer()).forgive(institution)
        if not count:
            raise BadInput("commands.no_failures", institution=institution)
        Ledger(place.ledger, vault.ledger_key()).append(records.forgiven(institution, count))
        say(f"{count} failed batches of {institution} no longer count.")


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
        table.add_row("policy", policy.model_dump_json(exclude={"disclosure", *LIMITS}))
        table.add_row("limits", policy.model_dump_json(include={*LIMITS}))
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
            raise BadInput("commands.ledger_empty", ledger=str(place.ledger))
        say(f"{count} lines hold." + ("" if key else " (End of the chain not authenticated: no pass phrase.)"))


@ledger_app.command("show")
def ledger_show(home: HomeOption, last: Annotated[int, typer.Option("--last", help="How many lines.")] = 50) -> None:
    """The last lines, one event each."""
    with told():
        table = Table("line", "time", "event", "request", "kind", "job", "round", "rows", "opened", "outcome", "rule")
        for line in list(read_lines(Home(home).ledger))[-last:]:
            cells = (line.number, line.time, line.event, line.request, line.kind, line.job)
            numbers = ("" if value is None else value for value in (line.round, line.rows, line.openings or ""))
            table.add_row(*map(str, (*cells, *numbers, line.outcome, rule_words(line.rule))))
        say(table)
