"""A server with a real database file, real storage, a real broker, and real keys on the small ring."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis
from django.core.wsgi import get_wsgi_application

from hefed.celery import app
from hefed.core.ckks.backend import Encryptor
from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import profile
from hefed.core.protocol import envelope
from hefed.core.protocol.uploads import BatchStatus, StudyPackage
from hefed.custodian.commands.work import create_home
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import from_ceremony
from hefed.custodian.sharing.holding import Identity
from hefed.custodian.sharing.lead import KeyVoice
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.people.models import Role, User
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.services import add_institution, create_study, grant_role
from tests.custodian.cohort import DICTIONARY_CSV, Rows
from tests.custodian.consortium import ceremony, identities, lead, take_into
from tests.server.cohort import PROFILE, Upload, encrypt_batch, simulate_hospital
from tests.server.training import InProcessCustodian, deliver
from training.jobs.worker import computing, loading

PASSPHRASE = "correct horse battery staple"
STUDY, HOSPITALS = "trial", ("north", "south", "west")
Directories = list[tuple[Path, Identity]]
Sealed = dict[str, tuple[Upload, tuple[Rows, Rows]]]


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path) -> None:
    settings.HEFED_UPLOAD_DIR = tmp_path / "uploads"
    options = {"location": tmp_path / "blobs", "file_permissions_mode": 0o600}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}


@pytest.fixture(autouse=True)
def cold_memory() -> None:
    """What the worker modules keep in this process belongs to the rows of the test before."""
    for kept in (computing.hot_blocks, loading._evaluator, loading._coefficients):
        kept.cache_clear()


@pytest.fixture
def broker(broker_url: str) -> Iterator[redis.Redis]:
    """The broker, empty, known to this process's Celery application."""
    app.conf.broker_url = broker_url
    with redis.Redis.from_url(broker_url) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture(scope="session")
def keys_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A custodian directory; tests that let the custodian answer take a copy."""
    home = Home(tmp_path_factory.mktemp("custodian") / "home")
    create_home(home, study=STUDY, profile_name=PROFILE, passphrase=PASSPHRASE, release="automatic")
    return home.path


@pytest.fixture(scope="session")
def voice(keys_home: Path) -> KeyVoice:
    """What the custodian of ``keys_home`` signs with."""
    vault = open_vault(Home(keys_home).vault, PASSPHRASE)
    return KeyVoice(vault.voice_key(), vault.header.key_fingerprint)


@pytest.fixture
def home(keys_home: Path, tmp_path: Path) -> Home:
    shutil.copytree(keys_home, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def encryptor(keys_home: Path) -> Encryptor:
    with Home(keys_home).public_key.open("rb") as stream:
        _, items = envelope.iterate_verified(stream)
        return Encryptor(PublicKeys.load(profile(PROFILE), b"".join(items)))


@pytest.fixture
def admin(transactional_db) -> User:
    user = User.objects.create_user("admin", "admin@hefed.invalid")
    grant_role(user=user, role=Role.PLATFORM_ADMINISTRATOR, by=user)
    return user


@pytest.fixture
def study(admin: User) -> Study:
    study = create_study(
        slug=STUDY, name="Trial", question="Death", dictionary_csv=DICTIONARY_CSV, profile=PROFILE, by=admin
    )
    for slug in HOSPITALS:
        institution = register_institution(
            slug=slug,
            name=slug,
            kind=Institution.Kind.HOSPITAL,
            country="KR",
            contact=("A", "a@hefed.invalid"),
            by=admin,
        )
        approve_institution(institution=institution, by=admin)
        institution.refresh_from_db()
        add_institution(study=study, institution=institution, by=admin)
    return study


class Api(httpx.Client):
    """A program with a token, talking to the WSGI application in this process."""

    def __init__(self, token: str = "") -> None:
        super().__init__(
            transport=httpx.WSGITransport(app=get_wsgi_application(), raise_app_exceptions=True),
            base_url="http://testserver/api/v1/",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def package(self) -> StudyPackage:
        return StudyPackage.model_validate_json(self.get("study").content)

    def announce(self, upload: Upload) -> httpx.Response:
        return self.post("batches", json=upload.manifest.model_dump(mode="json"))

    def append(self, batch: str, index: int, offset: int, data: bytes) -> httpx.Response:
        return self.patch(f"batches/{batch}/blocks/{index}", content=data, headers={"Upload-Offset": str(offset)})

    def upload(self, upload: Upload) -> BatchStatus:
        """Announce, send every block in one go, complete."""
        batch = self.announce(upload).json()["batch"]
        for index, data in enumerate(upload.blocks):
            assert self.append(batch, index, 0, data).status_code == 200
        return BatchStatus.model_validate_json(self.post(f"batches/{batch}/complete").content)


ApiFor = Callable[[str], Api]


@pytest.fixture
def api_for(study: Study, admin: User) -> Iterator[ApiFor]:
    """An API client for a hospital, or for "custodian"."""
    clients: list[Api] = []

    def make(name: str) -> Api:
        institution = None if name == "custodian" else Institution.objects.get(slug=name)
        _, text = issue_token(name=name, study=study, institution=institution, by=admin)
        clients.append(Api(text))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def published(api_for: ApiFor, keys_home: Path) -> Api:
    """The custodian's client, after it published both keys."""
    custodian, home = api_for("custodian"), Home(keys_home)
    for name, path in (("public", home.public_key), ("relinearisation", home.relinearisation_key)):
        response = custodian.put(f"custodian/keys/{name}", content=path.read_bytes())
        assert response.status_code == 200, response.text
    return custodian


@pytest.fixture
def north(api_for: ApiFor, published: Api) -> Api:
    return api_for("north")


@pytest.fixture
def upload(north: Api, encryptor: Encryptor, sealed: Sealed) -> Upload:
    """A batch of hospital north: 90 patients to train on, 30 held out, in three blocks."""
    if "small" not in sealed:
        rows = simulate_hospital(90, 30, seed=1)
        sealed["small"] = encrypt_batch(north.package(), encryptor, *rows, rows_per_block=45), rows
    return sealed["small"][0]


@pytest.fixture
def custodian(home: Home, study: Study, admin: User, published: Api) -> Iterator[InProcessCustodian]:
    _, text = issue_token(name="agent", study=study, by=admin)
    custodian = InProcessCustodian(home, text, PASSPHRASE)
    yield custodian
    custodian.close()


@pytest.fixture(scope="session")
def sealed() -> Sealed:
    """Batches that were encrypted before: every test's study has the same keys, dictionary and names."""
    return {}


@pytest.fixture
def admitted(
    api_for: ApiFor,
    published: Api,
    encryptor: Encryptor,
    broker: redis.Redis,
    custodian: InProcessCustodian,
    sealed: Sealed,
) -> dict[str, tuple[Rows, Rows]]:
    """Three hospitals with an admitted batch each; their rows in clear, training and held out."""
    for seed, (slug, n_train, n_holdout) in enumerate((("north", 700, 260), ("south", 420, 200), ("west", 240, 90))):
        hospital = api_for(slug)
        if slug not in sealed:
            rows = simulate_hospital(n_train, n_holdout, seed=seed + 10)
            sealed[slug] = encrypt_batch(hospital.package(), encryptor, *rows, rows_per_block=350), rows
        hospital.upload(sealed[slug][0])
    deliver(broker)
    custodian.answer()
    states = set(Batch.objects.values_list("state", flat=True))
    assert states == {"admitted"}, list(Batch.objects.values_list("reason", flat=True))
    return {slug: sealed[slug][1] for slug in HOSPITALS}


@pytest.fixture
def north_admitted(north: Api, upload: Upload, broker: redis.Redis, custodian: InProcessCustodian) -> Upload:
    """The small batch of hospital north, admitted."""
    north.upload(upload)
    deliver(broker)
    custodian.answer()
    assert Batch.objects.get().state == Batch.State.ADMITTED
    return upload


@pytest.fixture(scope="session")
def directories(tmp_path_factory: pytest.TempPathFactory) -> Directories:
    """Three hospitals with a share each of one key; north leads. Tests take copies."""
    folder, out = tmp_path_factory.mktemp("agents"), tmp_path_factory.mktemp("ceremony") / "out"
    people = identities(folder, 3, STUDY)
    sharing = ceremony(people, out)[1].sharing
    for person in people:
        home = Home(folder / person.card.institution)
        take_into(home, person, from_ceremony(out, person, sharing.digest), out)
        lead(home.path, person, sharing, "north")
        home.policy.write_text(home.policy.read_text().replace('release = "approval"', 'release = "automatic"'))
    return [(folder / person.card.institution, person) for person in people]
