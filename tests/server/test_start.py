"""What a server needs to start, and what it refuses to start with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hospitals.institutions.models import Institution
from hospitals.keys.selectors import Custody, chosen_custody
from hospitals.people.models import ApiToken, Membership, User
from hospitals.people.tokens import token_of
from hospitals.studies.models import Study
from tests.custodian.cohort import DICTIONARY_CSV
from tests.server.cohort import PROFILE

ROOT = Path(__file__).resolve().parents[2]


def manage(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEFED_", "DJANGO_"))}
    argv = [sys.executable, "manage.py", *words]
    return subprocess.run(argv, cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False)


def test_server_without_a_secret_key_names_the_setting(tmp_path: Path):
    result = manage("check", HEFED_DATA_DIR=str(tmp_path))
    assert "cannot start: HEFED_SECRET_KEY is not set" in result.stderr


def test_secret_key_file_that_cannot_be_read_names_the_setting(tmp_path: Path):
    result = manage("check", HEFED_DATA_DIR=str(tmp_path), HEFED_SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "HEFED_SECRET_KEY_FILE" in result.stderr


def test_migrations_are_complete(tmp_path: Path):
    result = manage("makemigrations", "--check", "--dry-run", HEFED_DATA_DIR=str(tmp_path), HEFED_SECRET_KEY="k")
    assert result.returncode == 0, result.stdout


@pytest.fixture
def description(tmp_path: Path) -> Path:
    (tmp_path / "dictionary.csv").write_text(DICTIONARY_CSV)
    path = tmp_path / "study.json"
    people = [
        {"username": "ada", "role": "coordinator", "hospital": "A", "password_file": str(tmp_path / "ada")},
        {"username": "admin", "role": "platform_administrator", "password_file": str(tmp_path / "admin")},
    ]
    fields = {"slug": "demo", "name": "Demo", "question": "Death?", "profile": PROFILE, "people": people}
    tokens = {name: str(tmp_path / f"{name}.token") for name in ("custodian", "A", "B")}
    places = {"dictionary": str(tmp_path / "dictionary.csv"), "hospitals": {"A": "North", "B": "South"}}
    path.write_text(json.dumps(fields | places | {"token_files": tokens}))
    return path


@pytest.mark.django_db
def test_bootstrap_makes_study_people_and_tokens(description: Path, capsys: pytest.CaptureFixture[str]):
    call_command("bootstrap_study", description)
    summary = json.loads(capsys.readouterr().out)
    assert summary["tokens_written"] == ["custodian", "A", "B"]
    token_file = description.parent / "A.token"
    assert oct(token_file.stat().st_mode & 0o777) == "0o600"
    assert token_of(token_file.read_text().strip()).institution.slug == "A"
    ada = User.objects.get(username="ada")
    assert ada.check_password((description.parent / "ada").read_text().strip())


@pytest.mark.django_db
def test_bootstrap_gives_every_agent_a_token_of_its_own(description: Path):
    fields = json.loads(description.read_text())
    files = {name: description.parent / f"agent-{name}.token" for name in ("A", "B")}
    description.write_text(
        json.dumps(
            fields | {"agent_token_files": {name: str(file) for name, file in files.items()}, "key_threshold": 2}
        )
    )
    call_command("bootstrap_study", description)
    tokens = [token_of(file.read_text().strip()) for file in files.values()]
    assert len({token.pk for token in tokens}) == 2
    assert {token.scope for token in tokens} == {ApiToken.Scope.CUSTODIAN}
    assert [token.name.split(" 2")[0] for token in tokens] == ["agent of A", "agent of B"]
    assert chosen_custody(Study.objects.get()) == Custody(2, 2)


@pytest.mark.django_db
def test_bootstrap_refuses_an_agent_of_an_unknown_hospital(description: Path):
    fields = json.loads(description.read_text())
    description.write_text(json.dumps(fields | {"agent_token_files": {"Z": "z.token"}}))
    with pytest.raises(CommandError, match="agent_token_files names Z"):
        call_command("bootstrap_study", description)


@pytest.mark.django_db
def test_bootstrap_again_changes_nothing(description: Path):
    def counts() -> list[int]:
        return [model.objects.count() for model in (ApiToken, Institution, Membership, Study, User)]

    call_command("bootstrap_study", description)
    before, token = counts(), (description.parent / "A.token").read_text()
    call_command("bootstrap_study", description)
    assert (counts(), (description.parent / "A.token").read_text()) == (before, token)


@pytest.mark.django_db
def test_bootstrap_says_which_field_is_wrong(description: Path):
    fields = json.loads(description.read_text())
    description.write_text(json.dumps(fields | {"people": [{"username": "x", "role": "king", "password_file": "x"}]}))
    with pytest.raises(CommandError, match="people.0.role"):
        call_command("bootstrap_study", description)
