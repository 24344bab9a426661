"""From a sealed result to a clinician's page: real browsers sign and decrypt, the real custodian checks, publishes."""

import json
import re
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, Route, expect

from hefed.custodian.desk.policy import policy_text
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.releases.votes import trust
from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.browser.conftest import signed_in
from tests.browser.test_accessible import assert_axe_finds_nothing
from tests.server.conftest import PASSPHRASE, admitted, custodian, sealed  # noqa: F401  fixtures
from tests.server.training import InProcessCustodian, run_to_end
from tests.words.raises import text
from training.jobs.models import Job
from training.jobs.services import launch_job
from training.releases.models import ApproverKey, Release, ReleasePreview
from training.results.models import TrainedModel

pytestmark = pytest.mark.browser
ITEMS = ("coefficients", "metrics", "curves", "table_one")


@dataclass
class Person:
    """Somebody in a browser of their own; every error of a page, and all that its policy stopped, is noted."""

    name: str
    page: Page
    site: str
    faults: list[str]

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.site}{path}")
        return self.page

    def make_key(self) -> str:
        """The fingerprint in groups, as the page shows it to be read out on the telephone."""
        self.go("/approval-key/").locator("#make-key").click()
        shown = self.page.locator("#key-fingerprint")
        expect(shown).to_be_visible()
        return " ".join(shown.inner_text().split())

    def sign(self) -> None:
        expect(self.page.locator("#sign")).to_be_enabled()
        with self.page.expect_navigation():
            self.page.locator("#sign").click()

    def item_text(self, item: str) -> str:
        """What the preview says would be published, to the letter."""
        place = self.page.locator(f"#preview-{item}")
        expect(place).to_be_visible()
        return place.locator("pre").text_content() or ""


def person(browser: Browser, site: str, study: Study, name: str, role: Role, hospital: str = "") -> Person:
    user = User.objects.create_user(name, f"{name}@hefed.invalid", "a long pass phrase", first_name=name.capitalize())
    institution = Institution.objects.get(slug=hospital) if hospital else None
    grant_role(user=user, role=role, study=study, institution=institution, by=User.objects.get(username="admin"))
    page = signed_in(
        browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce"), site, user
    ).new_page()
    found = Person(name, page, site, [])
    page.on("pageerror", lambda error: found.faults.append(str(error)))
    page.on("console", lambda line: found.faults.append(line.text) if "Content Security" in line.text else None)
    return found


def vouch(home: Home, spoken: dict[str, str], institutions: dict[str, str]) -> None:
    """What the custodian does after the telephone calls: the groups as they were read out, and whose they are."""
    vault = open_vault(home.vault, PASSPHRASE)
    for name, institution in institutions.items():
        trust(home, vault, spoken[name], institution=institution, name=name)


def sealed_job(study: Study, admin: User, broker, custodian: InProcessCustodian, home: Home) -> Job:  # noqa: F811
    home.policy.write_text(policy_text("approval"))
    launched = launch_job(study=study, institutions=Institution.objects.filter(slug="north"), by=admin)
    job = run_to_end(launched, broker, custodian)
    assert (job.state, job.is_sealed) == ("finished", True), job.reason
    return job


def test_sealed_result_is_read_signed_and_published(
    browser: Browser,
    site: str,
    study: Study,
    admin: User,
    admitted,  # noqa: F811
    broker,
    custodian,  # noqa: F811
    home: Home,
):
    job = sealed_job(study, admin, broker, custodian, home)
    ana = person(browser, site, study, "ana", Role.PROJECT_ADMINISTRATOR, "north")
    ben = person(browser, site, study, "ben", Role.APPROVER, "south")
    cho = person(browser, site, study, "cho", Role.APPROVER, "west")
    dana = person(browser, site, study, "dana", Role.CLINICIAN)
    keys = {one.name: one.make_key() for one in (ana, ben, cho)}
    assert_axe_finds_nothing(cho.page)

    release = asked_for(ana, job)
    custodian.answer()
    page = ben.go(release)
    expect(page.locator("#preview")).to_contain_text("No preview for your key yet")
    assert " ".join(page.locator("#preview .fingerprint").inner_text().split()) == keys["ben"]
    vouch(home, keys, {"ana": "north", "ben": "south", "cho": "west"})
    custodian.answer()

    assert_damaged_preview_cannot_be_signed(ben, release)
    assert_other_browser_cannot_sign(browser, ben, release)
    ben.go(release)
    preview = {item: ben.item_text(item) for item in ITEMS}
    assert_preview_is_drawn(ben.page, preview)
    assert_server_cannot_read(preview)
    assert_axe_finds_nothing(ben.page)
    ben.page.set_viewport_size({"width": 390, "height": 800})
    ben.page.emulate_media(color_scheme="dark")
    assert_axe_finds_nothing(ben.page)
    ben.sign()
    custodian.answer()
    assert Release.objects.get().state == "collecting"
    cho.go(release)
    assert cho.item_text("metrics") == preview["metrics"]
    cho.sign()
    custodian.answer()

    published = Release.objects.get()
    assert (published.state, TrainedModel.objects.filter(job=job).count()) == ("published", 1)
    assert {item["item"]: item["text"] for item in published.publication["items"]} == preview
    call_command("audit", "verify", ledger=home.ledger, study="trial")  # the custodian's ledger tells the same
    auroc = json.loads(preview["metrics"])["pooled"]["auroc"]
    result = dana.go(f"/studies/trial/results/{job.name}/")
    expect(result.locator("main")).to_contain_text(f"{auroc:.3f}")
    assert_second_press_replaces_the_key(ben, keys["ben"])
    assert [one.faults for one in (ana, ben, cho, dana)] == [[]] * 4


def asked_for(ana: Person, job: Job) -> str:
    """Written and signed by the requester, who sees no number; the path of the release."""
    page = ana.go(f"/studies/trial/releases/ask/?job={job.name}")
    page.fill("textarea[name=justification]", "The study group decides on the next phase.")
    page.fill("input[name=audience]", "Study group")
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/releases/release-0001/$"))
    ana.sign()
    expect(page.locator("main")).to_contain_text("Waiting for approvals")
    expect(page.locator("#preview table")).to_have_count(0)
    return "/studies/trial/releases/release-0001/"


def assert_damaged_preview_cannot_be_signed(ben: Person, release: str) -> None:
    """One character of the ciphertext is another: no number appears and nothing can be signed."""

    def damage(route: Route) -> None:
        text = route.fetch().text()
        at = len(text) // 2
        route.fulfill(
            body=text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :], content_type="application/jose"
        )

    ben.page.route("**/preview/", damage)
    page = ben.go(release)
    expect(page.locator("#preview")).to_contain_text(text("browser.preview_sealed").removeprefix("c"))
    expect(page.locator("#sign")).to_be_disabled()
    expect(page.locator("#preview table")).to_have_count(0)
    ben.page.unroute("**/preview/")


def assert_other_browser_cannot_sign(browser: Browser, ben: Person, release: str) -> None:
    """Signed in as the same person, but the key lies in the browser that made it."""
    context = signed_in(browser.new_context(), ben.site, User.objects.get(username=ben.name))
    page = context.new_page()
    page.goto(f"{ben.site}{release}")
    expect(page.locator("#preview")).to_contain_text("Your approval key is in another browser")
    expect(page.locator("#sign")).to_be_disabled()
    page.goto(f"{ben.site}/approval-key/")
    page.locator("#make-key").click()
    expect(page.locator("#key-message")).to_contain_text("Press again to go on")
    assert ApproverKey.objects.filter(user__username=ben.name).count() == 1
    context.close()


def assert_second_press_replaces_the_key(ben: Person, before: str) -> None:
    """One press explains, the second makes a new key; the old one is retired and this browser has the new one."""
    page = ben.go("/approval-key/")
    expect(page.locator("#key-state")).to_contain_text("Your approval key is in this browser")
    page.locator("#make-key").click()
    expect(page.locator("#key-message")).to_contain_text("Press again to go on")
    with page.expect_navigation():
        page.locator("#make-key").click()
    expect(page.locator("#key-state")).to_contain_text("Your approval key is in this browser")
    after = " ".join(page.locator("#key-fingerprint").inner_text().split())
    assert after != before
    kept = {key.fingerprint: key.retired_at for key in ApproverKey.objects.filter(user__username=ben.name)}
    assert {name: at is None for name, at in kept.items()} == {
        before.replace(" ", ""): False,
        after.replace(" ", ""): True,
    }


def assert_preview_is_drawn(page: Page, preview: dict[str, str]) -> None:
    """Numbers of the exact text stand in the tables; charts have their marks; the notes say what was suppressed."""
    natural = json.loads(preview["coefficients"])["model"]["natural"]["coefficients"]
    rows = page.locator("#preview-coefficients table").first.locator("tbody tr")
    expect(rows).to_have_count(len(natural) + 1)
    shown = page.locator("#preview-coefficients").inner_text()
    assert all(str(one["odds_ratio"]).rstrip("0").rstrip(".") in shown for one in natural.values())
    assert str(json.loads(preview["metrics"])["pooled"]["auroc"]) in page.locator("#preview-metrics").inner_text()
    for chart in ("preview-roc", "preview-precision", "preview-calibration"):
        expect(page.locator(f"[data-chart={chart}] .scatterlayer .trace").first).to_be_attached()
    assert "Table 1" in page.locator("#preview-table_one").inner_text()
    assert page.locator(".preview-notes li").count() > 0


def assert_server_cannot_read(preview: dict[str, str]) -> None:
    """All that the server holds of the numbers are previews encrypted to the approvers' keys."""
    assert not TrainedModel.objects.exists()
    stored = list(ReleasePreview.objects.values_list("jwe", flat=True))
    assert len(stored) == 2
    assert not any(text in jwe for jwe in stored for text in preview.values())
    assert Release.objects.get().publication is None
