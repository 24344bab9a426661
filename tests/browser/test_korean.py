"""The switch by keyboard, then an upload in Korean: scripts and workers speak the language of the page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import Walk, cohort, write_csv
from tests.translation.conftest import compiled_catalogue  # noqa: F401  fixture
from tests.words.raises import text

pytestmark = pytest.mark.browser


def test_a_coordinator_switches_to_korean_and_uploads(tab: Page, site: str, broker, tmp_path: Path):
    walk = Walk(tab, site).open()
    address = tab.url
    tab.get_by_role("button", name="한국어").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    assert tab.url == address
    expect(tab.locator("#step-choose-body")).to_be_visible()  # as for a person: no file before the study is read

    rows = cohort(60)
    rows[4][1] = "<5"
    walk.check(write_csv(tmp_path / "t.csv", rows))
    report = walk.report()
    value_class, where = text("table.cell_comparison", "ko"), text("table.rows", "ko", rows=(6,))
    assert f"age: {value_class} {where}." in report
    assert f"{text('table.write_limit', 'ko')}." in report
    assert "1행 제외하기" in report
    walk.confirm_report()
    assert "봉인된 블록" in tab.locator("#leaves").inner_text()
    walk.send()
    expect(tab.locator("#sent h3")).to_contain_text("모두 도착했습니다")


def test_a_worker_explains_a_file_in_korean(tab: Page, site: str, broker, tmp_path: Path):
    tab.context.add_cookies([{"name": "django_language", "value": "ko", "url": site}])
    path = tmp_path / "empty.csv"
    path.touch()

    walk = Walk(tab, site).open().choose(path)

    assert text("browser.file_empty", "ko").partition("; ")[0] in walk.problem("choose")
