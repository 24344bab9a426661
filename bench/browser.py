"""The page 'Add patients' against the command line, in real Chromium, on real servers.

``python -m bench.browser speed --patients 100000 --features 30``: from CSV to admitted, by the command line and by the
page; seconds, longest task of the main thread, memory of the tab.
``python -m bench.browser same``: the demonstration's three hospitals send through the command line, then through the
page; a job on either gives the same coefficients.
"""

import argparse
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console

from bench import rhc
from bench.chromium import Chromium
from bench.simulated import BENCH, simulate
from hefed.core.errors import HEFedError
from hefed.core.protocol.results import Coefficient, Intercept, ModelResult
from hefed.rehearsal.stack import ServerConfig, enter_workdir

if TYPE_CHECKING:
    from hefed.rehearsal.pipeline import Rehearsal

console = Console(soft_wrap=True, highlight=False)
LIMIT_SECONDS = 1800.0
SAMPLE_SECONDS = 0.2
WATCH_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: "longtask", buffered: true });
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "same"))
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workdir", type=Path, default=Path("var/bench/browser"), help="emptied at the start")
    parser.add_argument("--report", type=Path, default=Path("var/bench/browser.json"))
    options = parser.parse_args()
    shutil.rmtree(options.workdir, ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    os.environ.setdefault("HEFED_REQUIRE_MFA", "0")  # the coordinators of a bench have no second factor
    config = enter_workdir(options.workdir, workers=2)
    import django

    django.setup()
    try:
        figures = _speed(options, config) if options.what == "speed" else _same(options, config)
    except HEFedError as error:
        console.print(f"cannot finish: {error}")
        return 1
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(figures, indent=1) + "\n")
    console.print_json(json.dumps(figures))
    return 0


# ---- from CSV to admitted --------------------------------------------------------------------------------------------


def _speed(options: argparse.Namespace, config: ServerConfig) -> dict[str, Any]:
    """The command line first, then its batch is withdrawn and the same table goes through the page."""
    tables, dictionary = _one_hospital(options)
    with _rehearsal(options, config, tables, dictionary) as rehearsal:
        started = time.perf_counter()
        rehearsal.contribute()
        by_command_line = time.perf_counter() - started
        _withdraw_all(rehearsal)
        sent = _send(rehearsal, "A")
        return {
            "patients": options.patients,
            "features": options.features,
            "cores": os.cpu_count(),
            "seconds_command_line": {"total": round(by_command_line, 1)} | _rounded(rehearsal.memory.seconds),
            "seconds_page": sent.seconds,
            "ratio": round(sent.seconds["total"] / by_command_line, 2),
            "longest_main_thread_task_ms": max(sent.long_tasks_ms, default=0),
            "tab_peak_bytes": sent.peak_bytes,
            "ciphertext_bytes": sent.ciphertext_bytes,
        }


def _one_hospital(options: argparse.Namespace) -> tuple[dict[str, Path], Path]:
    normal, skewed = options.features // 3, options.features // 6
    binary = options.features - normal - skewed
    shape = replace(BENCH, hospitals=(options.patients,), deaths=0.02, normal=normal, skewed=skewed, binary=binary)
    cohort = simulate(shape, options.seed)
    folder: Path = options.workdir / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    dictionary = folder / "dictionary.csv"
    dictionary.write_text(cohort.dictionary.to_csv(), encoding="utf-8")
    (frame,) = cohort.hospitals.values()
    frame.to_csv(folder / "A.csv", index=False)
    return {"A": folder / "A.csv"}, dictionary


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in seconds.items()}


# ---- the same coefficients -------------------------------------------------------------------------------------------


def _same(options: argparse.Namespace, config: ServerConfig) -> dict[str, Any]:
    """Largest difference of a coefficient in standard errors between the two ways in."""
    from training.results.selectors import result_of

    folder: Path = options.workdir / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    tables = rhc.write_hospital_tables(folder)
    with _rehearsal(options, config, tables, rhc.DICTIONARY) as rehearsal:
        rehearsal.contribute()
        results = [result_of(rehearsal.train(tables))]
        _withdraw_all(rehearsal)
        for name in tables:
            _send(rehearsal, name)
        rehearsal.memory.notes["jobs"] = {}
        results.append(result_of(rehearsal.train(tables)))
    models = [result.model for result in results if result is not None and result.model is not None]
    if len(models) < len(results):
        raise RuntimeError("cannot compare: a job ended without a result; see the logs in the work directory")
    first, second = (_estimates(model) for model in models)
    off = {name: abs(first[name].estimate - second[name].estimate) / first[name].standard_error for name in first}
    worst = max(off, key=lambda name: off[name])
    return {"coefficients": len(off), "worst": worst, "worst_difference_in_standard_errors": off[worst]}


def _estimates(model: ModelResult) -> dict[str, Coefficient | Intercept]:
    return {"intercept": model.intercept, **model.coefficients}


# ---- server, browser, coordinator ------------------------------------------------------------------------------------


@contextmanager
def _rehearsal(
    options: argparse.Namespace, config: ServerConfig, tables: dict[str, Path], dictionary: Path
) -> "Iterator[Rehearsal]":
    """Server, keys and one custodian run; a coordinator of each hospital may sign in."""
    from hefed.rehearsal.pipeline import Login, Plan, Rehearsal
    from hospitals.people.models import Role

    people = (Login("admin", Role.PLATFORM_ADMINISTRATOR), *(Login(f"c-{n}", Role.COORDINATOR, n) for n in tables))
    folder = options.workdir.resolve()
    plan = Plan(folder, dictionary, tables, config, seed=options.seed, people=people, threshold=1)
    with Rehearsal(plan, console.print) as rehearsal:
        rehearsal.start_server()
        rehearsal.make_keys()
        rehearsal.start_custodian()
        yield rehearsal


def _withdraw_all(rehearsal: "Rehearsal") -> None:
    """Take all batches back and let the custodian forget them: it keeps copies of earlier batches out."""
    from hospitals.batches.models import Batch
    from hospitals.batches.services import withdraw_batch
    from hospitals.people.models import User

    by, custodian = User.objects.get(username="admin"), rehearsal.custodian
    rehearsal.group.stop("custodian")
    for batch in Batch.objects.filter(study=rehearsal.study, state=Batch.State.ADMITTED):
        withdraw_batch(batch=batch, reason="the same patients come through the page", by=by)
        words = (batch.name, "--home", custodian.home, "--passphrase-file", custodian.passphrase)
        rehearsal.group.run(custodian.program("custodian-forget", "hefed.custodian", "forget", *words))
    rehearsal.start_custodian()


@dataclass
class Sent:
    """What one upload through the page cost."""

    seconds: dict[str, float] = field(default_factory=dict)
    long_tasks_ms: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    ciphertext_bytes: int = 0


def _send(rehearsal: "Rehearsal", name: str) -> Sent:
    """Sign in as the hospital's coordinator, add its table, wait until it is admitted."""
    from hospitals.batches.models import Batch

    console.print(f"Hospital {name}: adds its patients on the page")
    sent = Sent()
    with Chromium() as tab, _renderer_memory(tab, sent):
        tab.before_each_page(WATCH_TASKS)
        _sign_in(tab, rehearsal, f"c-{name}")
        started = time.perf_counter()
        for step, act in (("check", _check), ("estimate", _estimate), ("encrypt and send", _encrypt_and_send)):
            before = time.perf_counter()
            act(tab, rehearsal.plan.hospitals[name])
            sent.seconds[step] = round(time.perf_counter() - before, 1)
        before = time.perf_counter()
        rehearsal._wait(_admitted(rehearsal, name))
        sent.seconds["admission"] = round(time.perf_counter() - before, 1)
        sent.seconds["total"] = round(time.perf_counter() - started, 1)
        sent.long_tasks_ms = tab.evaluate("window.longTasks")
    batch = Batch.objects.get(study=rehearsal.study, institution__slug=name, state=Batch.State.ADMITTED)
    sent.ciphertext_bytes = sum(batch.blocks.values_list("bytes", flat=True))
    return sent


def _sign_in(tab: Chromium, rehearsal: "Rehearsal", username: str) -> None:
    password = next(word for user, word, _ in rehearsal.logins() if user == username)
    url = rehearsal.plan.server.url
    tab.open(f"{url}/sign-in/")
    fields = json.dumps({"login": username, "password": password})
    set_one = "([name, text]) => document.querySelector(`input[name=${name}]`).value = text"
    fill = f"Object.entries({fields}).forEach({set_one})"
    tab.evaluate(f"{fill}; document.querySelector('input[name=password]').form.requestSubmit()")
    tab.wait("!location.pathname.includes('sign-in')", LIMIT_SECONDS)
    tab.open(f"{url}/studies/{rehearsal.study.slug}/data/add/")
    tab.wait("!document.querySelector('#step-choose-body').hidden", LIMIT_SECONDS)


def _press(tab: Chromium, button: str) -> None:
    """As soon as the button can be pressed."""
    tab.wait(f"(one => one.checkVisibility() && !one.disabled)(document.querySelector('{button}'))", LIMIT_SECONDS)
    tab.evaluate(f"document.querySelector('{button}').click()")


def _check(tab: Chromium, table: Path) -> None:
    tab.choose_file("#file", table)
    _press(tab, "#columns-confirm")
    tab.wait("document.querySelector('#report').checkVisibility()", LIMIT_SECONDS)


def _estimate(tab: Chromium, _: Path) -> None:
    tab.evaluate("document.querySelectorAll('#report-parts input[type=checkbox]').forEach((box) => box.click())")
    _press(tab, "#check-confirm")
    tab.wait("document.querySelector('#send').checkVisibility()", LIMIT_SECONDS)
    console.print(tab.evaluate("document.querySelector('#plan-facts').innerText.replaceAll('\\n', ' ')"))


def _encrypt_and_send(tab: Chromium, _: Path) -> None:
    _press(tab, "#send")
    tab.wait("document.querySelector('#sent h3') !== null", LIMIT_SECONDS)


def _admitted(rehearsal: "Rehearsal", name: str) -> Callable[[], bool]:
    """Whether the hospital has a batch in the pool, as a question to ask again and again."""
    from hospitals.batches.models import Batch

    batches = Batch.objects.filter(study=rehearsal.study, institution__slug=name)

    def admitted() -> bool:
        batch = batches.order_by("-number").first()
        if batch is not None and batch.state == Batch.State.QUARANTINED:
            raise RuntimeError(f"cannot go on: {batch.name} was quarantined: {batch.reason}")
        return batch is not None and batch.state == Batch.State.ADMITTED

    return admitted


@contextmanager
def _renderer_memory(tab: Chromium, sent: Sent) -> Iterator[None]:
    """Peak of the private memory of the largest renderer: the page's, in which its workers live too."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            sent.peak_bytes = max(sent.peak_bytes, _renderers_bytes(tab.process.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _renderers_bytes(pid: int) -> int:
    total = 0
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                total = max(total, process.memory_full_info().uss)
        except psutil.Error:
            continue  # it has just ended
    return total


if __name__ == "__main__":
    sys.exit(main())
