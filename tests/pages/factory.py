"""A study as it looks in use: people of every role, batches in every state, jobs running, failed and finished."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from hefed.core.protocol.results import ReleasedResult
from hefed.core.protocol.uploads import BatchManifest, BlockManifest
from hefed.core.words import Said
from hospitals.batches.models import Batch, Block
from hospitals.blobs.models import Blob
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.keys.models import KeySet
from hospitals.keys.services import trust_first_key
from hospitals.people.models import Role, User
from hospitals.people.services import verify_address
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary
from hospitals.studies.services import add_institution, create_study, grant_role
from tests.pages import cohort, release_scene
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.results.services import store_result

PASSWORD = "correct horse battery"  # noqa: S105
HOSPITALS = {"seoul": "Seoul University Hospital", "daegu": "Daegu Medical Center", "jeju": "Jeju Island Hospital"}
_ACTS_FOR = {"coordinator": "daegu", "project_administrator": "seoul", "approver": "daegu"}
SIZES = {"seoul": (3400, 0.0), "daegu": (1700, 0.3), "jeju": (240, -0.4)}
_BLOCK_BYTES = 21_700_000


@dataclass
class World:
    """What the tests and the screenshots find in the database."""

    study: Study
    people: dict[str, User]
    hospitals: dict[str, Institution]
    batches: dict[str, Batch] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)

    def sign_in_name(self, role: str) -> str:
        return self.people[role].username


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose: once for all people of all tests."""
    return make_password(password)


def person(name: str, first: str, last: str) -> User:
    email = f"{name}@example.org"
    user = User.objects.create(username=name, email=email, password=_hashed(PASSWORD), first_name=first, last_name=last)
    verify_address(user=user)
    return user


def empty_world() -> World:
    """People and an approved study without key, batches or jobs."""
    people = {
        "platform_administrator": person("platform", "Pat", "Lee"),
        "project_administrator": person("alice", "Alice", "Kim"),
        "coordinator": person("bob", "Bob", "Park"),
        "custodian": person("carol", "Carol", "Choi"),
        "clinician": person("dana", "Dana", "Jung"),
        "auditor": person("eve", "Eve", "Han"),
        "approver": person("finn", "Finn", "Yoon"),
        "second_approver": person("gina", "Gina", "Seo"),
        "stranger": person("mallory", "Mallory", "Moon"),
    }
    boss = people["platform_administrator"]
    grant_role(user=boss, role=Role.PLATFORM_ADMINISTRATOR, by=boss)
    hospitals = {slug: _hospital(slug, name, boss) for slug, name in HOSPITALS.items()}
    study = create_study(
        slug="icu-death",
        name="Death after right heart catheterisation",
        question="Which critically ill patients die within 30 days of admission to intensive care?",
        dictionary_csv=cohort.DICTIONARY,
        profile="N14_L9",
        by=boss,
    )
    for institution in hospitals.values():
        add_institution(study=study, institution=institution, by=boss)
    for name, user in people.items():
        if name not in ("platform_administrator", "second_approver", "stranger"):
            own = hospitals.get(_ACTS_FOR.get(name, ""))
            grant_role(user=user, role=Role(name), study=study, institution=own, by=boss)
    world = World(study, people, hospitals)
    release_scene.add_approver(world, people["second_approver"], "jeju")
    return world


def _hospital(slug: str, name: str, by: User) -> Institution:
    contact = ("Dr Contact", f"contact@{slug}.example.org")
    institution = register_institution(
        slug=slug, name=name, kind=Institution.Kind.HOSPITAL, country="KR", contact=contact, by=by
    )
    return approve_institution(institution=institution, by=by)


@transaction.atomic
def full_world() -> World:
    world = empty_world()
    register_institution(
        slug="busan",
        name="Busan Harbour Clinic",
        kind=Institution.Kind.HOSPITAL,
        country="KR",
        contact=("Dr Oh", "oh@b.example"),
    )
    issue_token(name="custodian host", study=world.study, by=world.people["custodian"])
    token, _ = issue_token(
        name="research server", study=world.study, institution=world.hospitals["daegu"], by=world.people["coordinator"]
    )
    world.study.apitoken_set.update(last_used_at=timezone.now() - timedelta(seconds=40))
    _batches(world, _keys(world.study))
    _jobs(world)
    return world


def _blob(name: str, size: int) -> Blob:
    return Blob.objects.get_or_create(digest=digest(name), defaults={"bytes": size})[0]


def _keys(study: Study) -> KeySet:
    keys = KeySet.objects.create(
        study=study,
        fingerprint=digest("public key"),
        public=_blob("public key", 2_883_000),
        relinearisation=_blob("relinearisation key", 25_900_000),
        state=KeySet.State.ACTIVE,
    )
    trust_first_key(study=study)
    return keys


def _batches(world: World, keys: KeySet) -> None:
    everyone = {slug: cohort.patients(*SIZES[slug], seed) for seed, slug in enumerate(SIZES)}
    for slug, patients in everyone.items():
        batch = _batch(world, keys, slug, Batch.State.ADMITTED, (patients.train, len(patients.y) - patients.train))
        batch.table_one = cohort.summary(patients).model_dump(mode="json")
        batch.save()
        world.batches[slug] = batch
    for state in (Batch.State.QUARANTINED, Batch.State.CUSTODIAN, Batch.State.CHECKING, Batch.State.UPLOADING):
        world.batches[state] = _batch(world, keys, "daegu", state, (640, 160))
    world.batches[Batch.State.WITHDRAWN] = _batch(world, keys, "daegu", Batch.State.WITHDRAWN, (300, 80))


_REASONS = {
    Batch.State.QUARANTINED: "admission.column_values",
    Batch.State.WITHDRAWN: "batches.withdrawn_by_hospital",
}


def _batch(world: World, keys: KeySet, slug: str, state: Batch.State, sizes: tuple[int, int]) -> Batch:
    version = current_dictionary(world.study)
    assert version is not None
    number = Batch.objects.count() + 1
    roles = list(zip(("train", "holdout"), sizes, strict=True))
    blocks = [
        BlockManifest(index=index, role=role, patients=n, bytes=_BLOCK_BYTES, sha256=digest(f"block {number} {index}"))
        for index, (role, n) in enumerate(roles)
    ]
    manifest = BatchManifest(
        study=world.study.slug,
        institution=slug,
        profile=world.study.profile,
        key_fingerprint=keys.fingerprint,
        dictionary_version=1,
        dictionary_digest=version.digest,
        cohort_digest=digest(f"cohort {number}"),
        patients=sum(sizes),
        columns=["intercept", "age"],
        blocks=blocks,
        encryptor="hefed.encryptor 0.1.0",
    )
    now = timezone.now()
    batch = Batch.objects.create(
        study=world.study,
        number=number,
        institution=world.hospitals[slug],
        key_set=keys,
        dictionary=version,
        manifest=manifest.model_dump(mode="json"),
        manifest_digest=digest(f"manifest {number}"),
        cohort_digest=manifest.cohort_digest,
        patients=manifest.patients,
        state=state,
        reason=_REASONS.get(state, ""),
        completed_at=None if state == Batch.State.UPLOADING else now,
        decided_at=now if state in (Batch.State.ADMITTED, Batch.State.QUARANTINED, Batch.State.WITHDRAWN) else None,
    )
    for block in blocks:
        _block(batch, block, uploading=state == Batch.State.UPLOADING)
    return batch


def _block(batch: Batch, block: BlockManifest, *, uploading: bool) -> None:
    part = uploading and block.index > 0
    Block.objects.create(
        batch=batch,
        **block.model_dump(),
        received_bytes=_BLOCK_BYTES // 3 if part else _BLOCK_BYTES,
        state=Block.State.PARTIAL if part else Block.State.STORED,
        blob=None if part else _blob(f"block {batch.number} {block.index}", _BLOCK_BYTES),
    )


# ---- jobs ------------------------------------------------------------------------------------------------------------

_CRITERIA = (None, 18.0, 6.0, 1.4, 0.3, 0.08, 0.01, 0.0009)


def _jobs(world: World) -> None:
    everyone = {slug: cohort.patients(*SIZES[slug], seed) for seed, slug in enumerate(SIZES)}
    for name, pool in (("pooled", list(SIZES)), ("alone", ["daegu"])):
        job = world.jobs[name] = _job(world, pool, Job.State.RUNNING)
        _answered_rounds(job, len(_CRITERIA))
        _extra_round(job, "hessian")
        _extra_round(job, "evaluation")
        store_result(job=job, result=_released(pool, everyone))
        _end(job, Job.State.FINISHED, "")
    failed = world.jobs["failed"] = _job(world, ["jeju"], Job.State.RUNNING)
    _answered_rounds(failed, 3)
    _end(failed, Job.State.FAILED, "fit.deciding")
    cancelled = world.jobs["cancelled"] = _job(world, ["seoul"], Job.State.RUNNING)
    _end(cancelled, Job.State.CANCELLED, Said("jobs.cancelled", who="alice").to_json())
    running = world.jobs["running"] = _job(world, ["seoul", "daegu"], Job.State.RUNNING)
    _answered_rounds(running, 4)
    _computing_round(running)
    waiting = world.jobs["waiting"] = _job(world, ["daegu", "jeju"], Job.State.RUNNING)
    _answered_rounds(waiting, 2)
    _waiting_round(waiting)
    sealed = world.jobs["sealed"] = _job(world, list(SIZES), Job.State.RUNNING)
    _answered_rounds(sealed, len(_CRITERIA))
    release_scene.add_releases(world, sealed)


def _released(pool: list[str], everyone: dict[str, cohort.Patients]) -> ReleasedResult:
    return cohort.released(tuple(everyone[slug] for slug in pool), tuple(everyone), tuple(everyone.values()))


def _job(world: World, pool: list[str], state: Job.State) -> Job:
    batches = [world.batches[slug] for slug in pool]
    job = Job.objects.create(
        study=world.study,
        number=Job.objects.count() + 1,
        key_set=batches[0].key_set,
        state=state,
        plan={"rounds": 12, "seconds": 95.0, "memory_bytes": 900_000_000, "traffic_bytes": 160_000_000},
        launched_by=world.people["project_administrator"],
    )
    job.institutions.set([world.hospitals[slug] for slug in pool])
    job.batches.set(batches)
    return job


def _end(job: Job, state: Job.State, reason: str) -> None:
    job.state, job.reason, job.finished_at = state, reason, timezone.now() + timedelta(seconds=92)
    job.save()


def _sigmoid(number: int) -> dict[str, object]:
    return {"degree": 15 if number < 5 else 31, "centre": -1.0, "half_width": 8.0, "mean": -1.2, "sd": 1.1}


def _answered_rounds(job: Job, count: int) -> None:
    for number in range(count):
        kind = "moments" if number == 0 else "gradient"
        round_ = _round(job, number, kind, Round.State.ANSWERED)
        round_.criterion, round_.repeated = _CRITERIA[number], number == 2
        round_.finished_at = round_.created_at + timedelta(seconds=9.5)
        round_.save()
        _request(round_, CustodianRequest.State.ANSWERED, "next")


def _extra_round(job: Job, kind: str) -> None:
    round_ = _round(job, job.rounds.count(), kind, Round.State.ANSWERED)
    _request(round_, CustodianRequest.State.ANSWERED, "result" if kind == "evaluation" else "next")


def _computing_round(job: Job) -> None:
    round_ = _round(job, job.rounds.count(), "gradient", Round.State.RUNNING)
    round_.computed_at = round_.finished_at = None
    round_.save()
    for index, (blocks, done) in enumerate(((4, 4), (4, 2), (3, 0))):
        Chunk.objects.create(
            round=round_,
            index=index,
            block_ids=list(range(blocks)),
            patients=8192 * blocks,
            blocks_done=done,
            state=("done", "running", "queued")[index],
            lease_until=timezone.now(),
        )


def _waiting_round(job: Job) -> None:
    round_ = _round(job, job.rounds.count(), "gradient", Round.State.CUSTODIAN)
    round_.finished_at = None
    round_.save()
    _request(round_, CustodianRequest.State.WAITING, "")


def _round(job: Job, number: int, kind: str, state: Round.State) -> Round:
    now = timezone.now()
    round_ = Round.objects.create(
        job=job,
        number=number,
        kind=kind,
        sigmoid=_sigmoid(number) if kind in ("gradient", "hessian") else None,
        state=state,
        started_at=now,
        computed_at=now + timedelta(seconds=6.4),
        finished_at=now + timedelta(seconds=9.1),
    )
    if state != Round.State.RUNNING:
        ids = [1, 2]
        Chunk.objects.create(round=round_, index=0, block_ids=ids, patients=9000, blocks_done=2, state="done")
    return round_


def _request(round_: Round, state: CustodianRequest.State, outcome: str) -> CustodianRequest:
    job = round_.job
    assert job is not None
    rows = [(b.name, b.institution.slug, b.patients * 4 // 5) for b in job.batches.select_related("institution")]
    answered = state == CustodianRequest.State.ANSWERED
    return CustodianRequest.objects.create(
        study=job.study,
        number=CustodianRequest.objects.count() + 1,
        round=round_,
        cohort=[{"batch": batch, "institution": slug, "rows": n} for batch, slug, n in rows],
        payload=_blob(f"payload {round_.pk}", 1_540_000),
        payload_bytes=1_540_000,
        payload_sha256=digest(f"payload {round_.pk}"),
        state=state,
        outcome=outcome,
        answer_sha256=digest(f"answer {round_.pk}") if answered else "",
        answered_at=timezone.now() if answered else None,
    )
