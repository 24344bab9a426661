"""A custodian's machine gets its token by a code that works once, for minutes, and that nobody can guess."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict, RemoteFailed
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands import enrolment as enrol
from hefed.custodian.keeping.store import Home
from hospitals.audit.models import AuditEvent
from hospitals.keys.custody import MAX_WRONG_TRIES, issue_code
from hospitals.keys.models import EnrolmentCode
from hospitals.people.models import ApiToken, User
from hospitals.studies.models import Study
from tests.server.conftest import Api
from tests.server.training import in_process
from tests.words.raises import says


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The custodian's client talks to the application in this process."""

    monkeypatch.setattr(enrol, "CustodianClient", partial(CustodianClient, transport=in_process()))


def run(folder: Path, code: str) -> str:
    enrol.enrol(Home(folder), "http://testserver", code)
    return (folder / enrol.TOKEN).read_text().strip()


def test_code_brings_a_token_that_speaks_for_the_custodian(study: Study, admin: User, tmp_path: Path):
    _, code = issue_code(study=study, by=admin)
    token = run(tmp_path / "home", code)
    with Api(token) as machine:
        assert machine.get("custodian/requests").status_code == 200
    assert enrol.enrolled(tmp_path / "home").study == study.slug
    assert (tmp_path / "home" / enrol.TOKEN).stat().st_mode & 0o777 == 0o600


def test_code_works_once(study: Study, admin: User, tmp_path: Path):
    _, code = issue_code(study=study, by=admin)
    run(tmp_path / "one", code)
    with says("keys.code_used", Conflict):
        run(tmp_path / "two", code)
    assert ApiToken.objects.filter(scope="custodian").count() == 1


def test_code_may_be_typed_in_small_letters_with_blanks(study: Study, admin: User, tmp_path: Path):
    _, code = issue_code(study=study, by=admin)
    assert run(tmp_path / "home", f" {code.lower()} ")


def test_expired_code_is_refused(study: Study, admin: User, tmp_path: Path):
    row, code = issue_code(study=study, by=admin)
    EnrolmentCode.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with says("keys.code_expired", RemoteFailed):
        run(tmp_path / "home", code)


def test_wrong_code_is_refused_and_leaves_no_token(study: Study, admin: User, tmp_path: Path):
    issue_code(study=study, by=admin)
    with says("keys.code_wrong", RemoteFailed):
        run(tmp_path / "home", f"{study.slug}.AAAA-BBBB-CCCC")
    assert not (tmp_path / "home" / enrol.TOKEN).exists()


def test_ten_wrong_tries_void_the_code(study: Study, admin: User, tmp_path: Path):
    _, code = issue_code(study=study, by=admin)
    for place in range(MAX_WRONG_TRIES):
        with Api() as stranger:
            wrong = {"code": f"{study.slug}.AAAA-BBBB-CC{place:02d}"}
            assert stranger.post("custodian/enrol", json=wrong).status_code == 401
    with says("keys.code_expired", RemoteFailed):
        run(tmp_path / "home", code)


def test_new_code_voids_the_one_before(study: Study, admin: User, tmp_path: Path):
    _, first = issue_code(study=study, by=admin)
    issue_code(study=study, by=admin)
    with says("keys.code_expired", RemoteFailed):
        run(tmp_path / "home", first)


def test_code_is_kept_as_a_hash_only(study: Study, admin: User, tmp_path: Path):
    row, code = issue_code(study=study, by=admin)
    run(tmp_path / "home", code)
    secret = code.rpartition(".")[2]
    assert secret not in str(EnrolmentCode.objects.filter(pk=row.pk).values())
    assert not any(secret in str(event) for event in AuditEvent.objects.values())


def test_machine_with_a_token_is_not_enrolled_over(study: Study, admin: User, tmp_path: Path):
    _, code = issue_code(study=study, by=admin)
    run(tmp_path, code)
    with says("commands.holds_token", BadInput, path=str(tmp_path / enrol.TOKEN)):
        run(tmp_path, code)
