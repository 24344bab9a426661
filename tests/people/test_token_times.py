"""Times of tokens are those of the site, with the name of its zone, in names, errors and pages alike."""

from datetime import UTC, datetime

import pytest

from hefed.core.errors import Conflict
from hospitals.keys.custody import exchange_code, issue_code
from hospitals.keys.models import EnrolmentCode
from hospitals.people.models import ApiToken
from hospitals.people.tokens import issue_token
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import says

LATE = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # the next morning in Seoul


@pytest.fixture(autouse=True)
def _in_seoul(settings):
    settings.TIME_ZONE = "Asia/Seoul"


def test_page_shows_the_site_s_time_with_its_zone(empty: World):
    token, _ = issue_token(name="host", study=empty.study, by=empty.people["custodian"])
    ApiToken.objects.filter(pk=token.pk).update(created_at=LATE, last_used_at=LATE, expires_at=LATE)

    page = " ".join(signed_in(empty, "custodian").get("/studies/icu-death/tokens/").content.decode().split())

    assert page.count("25 Nov 2026, 05:30 KST") == 3
    assert "24 Nov 2026" not in page


def test_name_of_an_enrolled_machine_and_the_errors_of_codes_say_the_same_time(empty: World, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATE)
    _, code = issue_code(study=empty.study, by=empty.people["custodian"])

    token, _ = exchange_code(text=code)

    assert token.name == "custodian enrolled 2026-11-25 05:30 KST"
    with says("keys.code_used", Conflict, clock="05:30 KST"):
        exchange_code(text=code)
    assert EnrolmentCode.objects.get().used_at == LATE
