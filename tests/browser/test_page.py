"""The page in Chromium: what a coordinator sees, what arrives, and what never leaves the tab."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from hospitals.models import Batch
from tests.browser.walk import Walk, cohort, write_csv

pytestmark = pytest.mark.browser


def test_table_goes_from_file_to_checking(tab: Page, site: str, broker, tmp_path: Path):
    walk = Walk(tab, site).open()
    walk.choose(write_csv(tmp_path / "patients.csv", cohort(3000)))
    walk.columns()
    tab.screenshot(path="/tmp/br/2.png", full_page=True)
    walk.confirm_columns()
    tab.screenshot(path="/tmp/br/3.png", full_page=True)
    walk.confirm_report()
    tab.screenshot(path="/tmp/br/4.png", full_page=True)
    name = walk.send().arrived()
    tab.screenshot(path="/tmp/br/5.png", full_page=True)
    batch = Batch.objects.get()
    assert (batch.name, batch.state, batch.patients) == (name, "checking", 3000)
