"""The page for everybody: axe on every step, keyboard alone, narrow and dark; and what its policy allows."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hospitals.batches.models import Batch
from hospitals.people.models import User
from tests.browser.conftest import signed_in
from tests.browser.walk import Walk, cohort, write_csv

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
SEEN = """async () => {
    const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] });
    const grave = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
    return grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}"""


def assert_axe_finds_nothing(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SEEN) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def rows_with_everything() -> list[list[str]]:
    """A table whose report has refused, changed and suspicious parts."""
    rows = cohort(400)
    rows[3][1], rows[4][0], rows[5][3] = "old", "", "Male"
    for row in rows[10:]:
        row[2] = f"{float(row[2] or 1) * 100:.1f}"
    return rows


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")])
def test_every_step_passes_axe(
    browser: Browser, site: str, coordinator: User, published, broker, tmp_path: Path, width: int, scheme: str
):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    walk = Walk(signed_in(context, site, coordinator).new_page(), site).open()
    assert_axe_finds_nothing(walk.tab)
    walk.choose(write_csv(tmp_path / "t.csv", rows_with_everything())).columns()
    assert_axe_finds_nothing(walk.tab)
    walk.confirm_columns()
    expect(walk.tab.locator("#report")).to_be_visible()
    assert_axe_finds_nothing(walk.tab)
    walk.confirm_report()
    assert_axe_finds_nothing(walk.tab)
    walk.send().arrived()
    assert_axe_finds_nothing(walk.tab)
    walk.tab.goto(f"{site}/studies/trial/data/what-leaves/")
    assert_axe_finds_nothing(walk.tab)
    context.close()


def test_keyboard_alone_sends_a_batch(tab: Page, site: str, broker, tmp_path: Path):
    walk = Walk(tab, site).open()
    with tab.expect_file_chooser() as waiting:
        press_on(tab, "#file", "Enter")
    waiting.value.set_files(write_csv(tmp_path / "t.csv", rows_with_everything()))
    walk.columns()
    press_on(tab, "#columns-confirm", "Enter")
    expect(tab.locator("#report")).to_be_visible()
    press_on(tab, "#leave-out", "Space")
    press_on(tab, "#units", "Space")
    press_on(tab, "#check-confirm", "Enter")
    expect(tab.locator("#send")).to_be_enabled()
    press_on(tab, "#send", "Enter")
    assert walk.arrived() == Batch.objects.get().name


def press_on(tab: Page, selector: str, key: str) -> None:
    """Tab forward until the element has the focus, then press; each step's heading takes the focus when it opens."""
    target = tab.locator(selector)
    for _ in range(80):
        if target.evaluate("(element) => element === document.activeElement"):
            tab.keyboard.press(key)
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_screen_reader_hears_each_step(tab: Page, site: str, broker, tmp_path: Path):
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "t.csv", cohort(300)))
    expect(tab.locator("#encryptor-announcer")).to_have_text("Checked: 300 patients can be sent, 0 rows refused")
    walk.confirm_report().send().arrived()
    expect(tab.locator("#encryptor-announcer")).to_have_text("batch-0001 arrived whole")


def test_policy_lets_webassembly_run_in_one_worker_only(tab: Page, site: str, broker):
    Walk(tab, site).open()
    module = "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))"
    assert "unsafe-eval" in tab.evaluate(
        f"(() => {{ try {{ {module}; return 'ran' }} catch (e) {{ return e.message }} }})()"
    )
    policies = {
        name: tab.request.get(f"{site}/static/encryptor/{name}").headers["content-security-policy"]
        for name in ("page.js", "table_worker.js", "sender_worker.js", "cipher_worker.js")
    }
    assert [name for name, policy in policies.items() if "wasm-unsafe-eval" in policy] == ["cipher_worker.js"]
    assert not any("unsafe-inline" in policy or "'unsafe-eval'" in policy for policy in policies.values())
    assert "connect-src 'none'" in policies["table_worker.js"]


def test_worker_that_holds_the_table_cannot_send(tab: Page, site: str, broker):
    """The policy of its script holds whatever code runs there."""
    Walk(tab, site).open()
    worker = next(one for one in tab.workers if "table_worker" in one.url)
    asked = "fetch('/api/v1/study').then(() => 'sent', (error) => error.name)"
    assert worker.evaluate(asked) == "TypeError"


def test_only_coordinators_of_a_hospital_see_the_page(tab: Page, site: str, admin: User, browser: Browser, broker):
    context = signed_in(browser.new_context(), site, admin)
    page = context.new_page()
    answer = page.goto(f"{site}/studies/trial/data/add/")
    assert answer is not None
    assert answer.status == 403
    context.close()
