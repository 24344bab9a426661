"""Steps of a rehearsal, each safe to repeat: what was done before is recognised and left alone."""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from hefed.core.ckks.params import profile
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import FitFailed, RowsInvalid
from hefed.core.learning.pinned import study_fingerprint
from hefed.rehearsal.memory import Memory
from hefed.rehearsal.parties import (
    MAX_SHARES,
    CeremonyParty,
    CustodianParty,
    HospitalParty,
    Hospitals,
    KeyHolders,
    OneCustodian,
    ShareParty,
    agreed_threshold,
)
from hefed.rehearsal.stack import ProcessGroup, Program, ServerConfig, server_programs, wait_until_ready
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.studies.models import Study
from hospitals.words import page_words
from training.jobs.models import Job
from training.jobs.selectors import job_progress
from training.jobs.services import launch_job

_POLL_SECONDS = 0.25
STUDY = "rehearsal"


@dataclass(frozen=True)
class Login:
    """Somebody who may sign in to the dashboard; ``hospital`` only for roles within one."""

    username: str
    role: Role
    hospital: str = ""


@dataclass(frozen=True)
class Plan:
    """What to rehearse. ``hospitals``: short name -> CSV; ``names``: short name -> name for people."""

    workdir: Path
    dictionary: Path
    hospitals: dict[str, Path]
    server: ServerConfig
    profile: str = "N14_L9"
    seed: int | None = None
    title: str = "Rehearsal"
    question: str = "Rehearsed on local files"
    names: dict[str, str] | None = None
    people: tuple[Login, ...] = ()
    threshold: int | None = None  # how many hospitals open together; 1: one custodian; None: docs/adr/1105 says
    front: ServerConfig | None = None  # where the parties reach the server, if a proxy stands before it


class Rehearsal:
    """Owns the processes of all parties; use it as a context manager."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan, self.say = plan, say
        reached = plan.front or plan.server
        python = tuple(getattr(settings, "HEFED_PYTHON", (sys.executable, "-m")))
        plan.workdir.mkdir(parents=True, exist_ok=True)
        self.memory = Memory.load(plan.workdir / "progress.json")
        self.group = ProcessGroup(plan.workdir / "logs")
        self.custodian = CustodianParty("custodian", plan.workdir / "custodian", python, reached)
        self.hospitals = {
            name: HospitalParty(name, plan.workdir / "hospitals" / name, python, reached) for name in plan.hospitals
        }
        self.threshold = agreed_threshold(plan.threshold, len(plan.hospitals), self.memory)
        self.key_holders = self._key_holders(python, reached)

    def __enter__(self) -> Self:
        self.group.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.memory.record_peaks(self.group.peak_memory_bytes)
        self.group.__exit__(*exc)

    @property
    def study(self) -> Study:
        return Study.objects.get(slug=STUDY)

    def prepare(self) -> None:
        """Everything before a job: server, keys, whoever opens, admitted batches."""
        self.say(f"Key: {self.key_holders.who_opens}.")
        self.start_server()
        self.make_keys()
        self.start_custodian()
        self.contribute()

    # ---- server ------------------------------------------------------------------------------------------------------

    def start_server(self) -> None:
        """Migrate, make the study and its tokens, start broker, web, workers and scheduler."""
        self.say("Server: database, study, institutions")
        self._manage("migrate", "--verbosity", "0")
        self._bootstrap()
        for program in server_programs(self.plan.server):
            self.group.start(program)
        wait_until_ready(f"{self.plan.server.url}/", self.group)

    def _manage(self, *words: str | Path) -> str:
        argv = (sys.executable, str(settings.BASE_DIR / "manage.py"), *map(str, words))
        return self.group.run(Program("manage", argv, self.plan.server.env))

    def _bootstrap(self) -> None:
        """Create the study once, and hand each party its token in its own directory."""
        for party in self.hospitals.values():
            party.folder.mkdir(parents=True, exist_ok=True)
        agents = self.key_holders.token_files
        encryptors = {name: str(party.token) for name, party in self.hospitals.items()}
        description: dict[str, Any] = {
            "slug": STUDY,
            "name": self.plan.title,
            "question": self.plan.question,
            "profile": self.plan.profile,
            "dictionary": str(self.plan.dictionary),
            "hospitals": {name: self._name(name) for name in self.hospitals},
            **agents,
            "key_threshold": self.key_holders.threshold,
            "token_files": {**agents.get("token_files", {}), **encryptors},
            "people": [
                {
                    "username": person.username,
                    "role": person.role,
                    "hospital": person.hospital,
                    "password_file": str(self._password_file(person)),
                }
                for person in self.plan.people
            ],
        }
        request = self.plan.workdir / "study.json"
        request.write_text(json.dumps(description), encoding="utf-8")
        self._manage("bootstrap_study", request)

    def _name(self, hospital: str) -> str:
        return (self.plan.names or {}).get(hospital, hospital)

    def _password_file(self, person: Login) -> Path:
        return self.plan.workdir / "logins" / person.username

    def logins(self) -> list[tuple[str, str, str]]:
        """(user, password, role) of everybody who may sign in."""
        return [
            (person.username, self._password_file(person).read_text().strip(), str(Role(person.role).label))
            for person in self.plan.people
        ]

    # ---- custodian ---------------------------------------------------------------------------------------------------

    def make_keys(self) -> None:
        if self.memory.done("keygen"):
            return
        self.say("Custodian: keys" if self.threshold == 1 else "Hospitals: cards, ceremony, a share for each")
        with self.memory.timing("keygen"):
            self.key_holders.make_keys(self.group, STUDY, self.plan.profile)
        with self.memory.timing("publish"):
            self.key_holders.publish(self.group)

    def start_custodian(self) -> None:
        """Whoever opens first says which dictionary and rounds it answers, as the dictionary's author wrote them."""
        if not self.memory.done("pin"):
            text = self.plan.dictionary.read_text(encoding="utf-8")
            with self.memory.timing("pin"):
                dictionary, ring = DataDictionary.from_csv(text), profile(self.plan.profile)
                self.key_holders.pin(self.group, study_fingerprint(STUDY, ring, dictionary))
        self.key_holders.start(self.group)

    def _key_holders(self, python: tuple[str, ...], reached: ServerConfig) -> KeyHolders:
        """One custodian, or an agent of each hospital with directory, pass phrase and access token of its own."""
        if self.threshold == 1:
            return OneCustodian(self.custodian)
        folder, names = self.plan.workdir / "custodians", list(self.plan.hospitals)[:MAX_SHARES]
        parties = [ShareParty(name, folder / name, python, reached, self._name(name)) for name in names]
        ceremony = CeremonyParty("ceremony", self.plan.workdir / "ceremony", python, reached)
        return Hospitals(parties, ceremony, self.threshold)

    # ---- hospitals ---------------------------------------------------------------------------------------------------

    def contribute(self) -> None:
        """Every hospital encrypts and uploads; then all wait for the admission check."""
        for name, party in self.hospitals.items():
            self._encrypt_and_upload(name, party)
        started = time.perf_counter()
        self._wait(self._all_admitted)
        self.memory.seconds.setdefault("admission", time.perf_counter() - started)
        self.memory.save()

    def _encrypt_and_upload(self, name: str, party: HospitalParty) -> None:
        if not self.memory.done(f"encrypt:{name}"):
            self.say(f"Hospital {name}: encrypts its patients")
            with self.memory.timing(f"encrypt:{name}"):
                self.group.run(party.encrypt(self.plan.hospitals[name], self.plan.seed))
        if not self.memory.done(f"upload:{name}"):
            self.say(f"Hospital {name}: uploads {party.batch_file.stat().st_size / 1e6:.0f} MB of ciphertext")
            with self.memory.timing(f"upload:{name}"):
                self.group.run(party.upload())

    def _all_admitted(self) -> bool:
        batches = Batch.objects.filter(study=self.study).select_related("institution")
        for batch in batches:
            if batch.state == Batch.State.QUARANTINED:
                raise RowsInvalid(
                    "rehearsal.quarantined",
                    hospital=batch.institution.slug,
                    batch=batch.name,
                    why=page_words(batch.reason),
                )
        admitted = {batch.institution.slug for batch in batches if batch.state == Batch.State.ADMITTED}
        return admitted >= set(self.hospitals)

    def write_holdout_ids(self, path: Path) -> None:
        """``hospital,id`` of every held-out patient, so that a statistician can repeat the analysis."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("hospital", "id"))
            for name, party in self.hospitals.items():
                self.group.run(party.list_held_out(self.plan.hospitals[name]))
                lines = party.holdout_ids.read_text(encoding="utf-8").splitlines()
                writer.writerows((name, line) for line in lines)

    # ---- jobs --------------------------------------------------------------------------------------------------------

    def train(self, hospitals: Iterable[str]) -> Job:
        """Launch a job on these hospitals, or find the one launched before, and wait for its end."""
        chosen = sorted(hospitals)
        jobs = self.memory.notes.setdefault("jobs", {})
        key = "+".join(chosen)
        if key not in jobs:
            jobs[key] = self._launch(chosen).pk
            self.memory.save()
        self.say(f"Job on {key}")
        self._wait(lambda: self._ended(jobs[key]))
        return Job.objects.select_related("study", "key_set").get(pk=jobs[key])

    def _launch(self, chosen: list[str]) -> Job:
        by = User.objects.get(username="admin")
        institutions = Institution.objects.filter(slug__in=chosen)
        return launch_job(study=self.study, institutions=institutions, by=by)

    def _ended(self, pk: int) -> bool:
        job = Job.objects.select_related("study").get(pk=pk)
        self._say_progress(job)
        return job.state not in Job.LIVE

    def _say_progress(self, job: Job) -> None:
        current = job_progress(job).current
        line = f"  {job.name}: round {current.number}, {current.label.lower()}" if current else f"  {job.name}: queued"
        if line != self.memory.notes.get("said"):
            self.memory.notes["said"] = line
            self.say(line)

    def _wait(self, done: Callable[[], bool]) -> None:
        """Poll until done; a process that ends meanwhile is an error."""
        while not done():
            self.group.check()
            time.sleep(_POLL_SECONDS)


def require_finished(job: Job) -> Job:
    """The job, or FitFailed with the reason that the server shows."""
    if job.state != Job.State.FINISHED:
        raise FitFailed("rehearsal.job_ended", name=job.name, state=job.state, why=page_words(job.reason))
    return job
