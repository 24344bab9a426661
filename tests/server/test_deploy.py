"""What ``deploy/`` promises: settings are documented, and ``check --deploy`` names what is missing."""

import re
from pathlib import Path

import pytest
from django.core import mail

from hospitals.mail import send_later
from tests.server.test_start import ROOT, manage

DEPLOY = ROOT / "deploy"
HIDE_BOTO3 = """
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, package=None: None if name == "boto3" else find(name, package)
"""


@pytest.fixture
def documented(tmp_path: Path) -> dict[str, str]:
    """The settings of .env.example as systemd reads them, with this test's directory and a mail server."""
    key = tmp_path / "secret_key"
    key.write_text("k" * 60 + "0123456789abcdef")
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    mail = {"HEFED_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    return settings | mail | {"HEFED_SECRET_KEY_FILE": str(key), "HEFED_DATA_DIR": str(tmp_path / "data")}


def complaints(env: dict[str, str]) -> list[str]:
    return re.findall(r"hefed\.[EW]\d+|\?: \((?:security|urls)[^)]*\)", manage("check", "--deploy", **env).stderr)


def test_documented_settings_pass_the_deployment_check(documented: dict[str, str]):
    result = manage("check", "--deploy", "--fail-level", "WARNING", **documented)
    assert result.returncode == 0, result.stderr


def test_documented_settings_count_rate_limits_at_the_default_broker(documented: dict[str, str]):
    """.env.example leaves REDIS_URL out: both must mean the same broker."""
    words = "from django.conf import settings; print(settings.REDIS_URL, settings.CACHES['default']['LOCATION'])"
    broker, cache = manage("shell", "--no-imports", "--command", words, **documented).stdout.split()
    assert broker == cache
    assert broker.startswith("redis://")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"HEFED_PUBLIC_URL": ""}, "hefed.W002"),
        ({"HEFED_PUBLIC_URL": "http://localhost:8000"}, "hefed.W002"),
        ({"HEFED_PUBLIC_URL": "http://hefed.example.org"}, "hefed.W003"),
        ({"HEFED_PUBLIC_URL": "https://other.example.org"}, "hefed.W004"),
        ({"HEFED_BEHIND_PROXY": "0"}, "hefed.W005"),
        ({"HEFED_PROXIES": "0"}, "hefed.W006"),
        ({"HEFED_EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "hefed.W007"),
        ({"HEFED_EMAIL_BACKEND": ""}, "hefed.W007"),
        ({"HEFED_SHARED_CACHE": "0"}, "hefed.W008"),
        ({"HEFED_REQUIRE_MFA": "0"}, "hefed.W010"),
        ({"HEFED_S3_BUCKET": "blobs"}, "hefed.W001"),
        ({"HEFED_S3_BUCKET": "blobs", "DATABASE_URL": "", "REDIS_URL": ""}, "hefed.W001"),
    ],
)
def test_missing_setting_is_named_with_what_to_do(documented: dict[str, str], changed: dict[str, str], complaint: str):
    assert complaints(documented | changed) == [complaint]


def test_directory_that_others_may_enter_is_named(documented: dict[str, str]):
    folder = Path(documented["HEFED_DATA_DIR"])
    folder.mkdir()
    folder.chmod(0o755)
    assert complaints(documented) == ["hefed.W009"]


def test_missing_s3_library_is_named(documented: dict[str, str], tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(HIDE_BOTO3)
    postgres = {"DATABASE_URL": "postgresql://hefed@db.internal/hefed", "HEFED_S3_BUCKET": "blobs"}
    result = manage("check", **documented, **postgres, PYTHONPATH=str(tmp_path))
    assert "hefed.E003" in result.stderr
    assert "Install boto3" in result.stderr


def test_every_setting_is_documented():
    read = re.compile(r'(?:flag|number|words|secret|environ\.get)\(\s*"([A-Z][A-Z0-9_]+)"')
    sources = [ROOT / "hefed" / "settings.py", DEPLOY / "gunicorn.conf.py"]
    names = {name for source in sources for name in read.findall(source.read_text())}
    example = (ROOT / ".env.example").read_text()
    assert len(names) > 30
    assert [name for name in sorted(names) if not re.search(rf"\b{name}(_FILE)?=", example)] == []


def test_settings_stand_alone_on_their_lines():
    """systemd's EnvironmentFile would take a comment behind a value for a part of it."""
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"(# )?[A-Z_0-9]+=", line)]
    assert [line for line in lines if " #" in line.split("=", 1)[1]] == []


def test_units_name_files_that_exist_and_read_the_settings():
    units = sorted(DEPLOY.glob("*.service"))
    assert len(units) == 4
    for unit in units:
        text = unit.read_text()
        assert "EnvironmentFile=/etc/hefed/env" in text
        assert "UMask=0077" in text
        for path in re.findall(r"--config (\S+)", text):
            assert (ROOT / path).is_file()


def test_mail_links_to_the_public_address(settings, django_capture_on_commit_callbacks, db):
    settings.HEFED_PUBLIC_URL = "https://hefed.example.org"
    with django_capture_on_commit_callbacks(execute=True):
        send_later("hospitals/mail/confirm_contact.txt", "ann@example.org", "Confirm", {"path": "/register/confirm/x/"})
    assert "https://hefed.example.org/register/confirm/x/" in mail.outbox[0].body
