"""From "register our hospital" to a released result: what each person does, in a browser context of their own.

With ``HEFED_GUIDE=docs/guide`` the walk leaves its pictures there (``make guide``).
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.core import mail
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import Walk, cohort, write_csv

PASSWORD = "a long sentence of mine"
WIDTH, SCREEN = 1280, 1100
_PLACE = """(begins) => {
    const top = document.querySelector(begins).getBoundingClientRect().top + scrollY;
    return [Math.max(0, top - 16), document.documentElement.scrollHeight];
}"""


@dataclass
class Guide:
    """Opens a tab for each person, which fails on errors of its scripts, and takes a numbered picture of each step."""

    browser: Browser
    site: str
    folder: Path | None = field(default_factory=lambda: Path(path) if (path := os.environ.get("HEFED_GUIDE")) else None)
    faults: list[str] = field(default_factory=list)
    number: int = 0

    def tab(self) -> Page:
        """A browser of its own: no session, no keys."""
        page = self.browser.new_context(viewport={"width": WIDTH, "height": 800}, reduced_motion="reduce").new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def picture(self, tab: Page, name: str, begins: str = "body") -> None:
        """One screen of the page, from the element ``begins`` on."""
        self.number += 1
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        tab.mouse.move(0, 0)
        top, height = tab.evaluate(_PLACE, begins)
        clip = {"x": 0, "y": top, "width": WIDTH, "height": min(SCREEN, height - top)}
        path = self.folder / f"{self.number:02d}-{name}.jpg"
        tab.screenshot(path=path, full_page=True, clip=clip, type="jpeg", quality=80)  # type: ignore[arg-type]

    def go(self, tab: Page, path: str) -> Page:
        tab.goto(self.site + path)
        return tab

    def invited(self, inviter: Page, study: str, email: str, role: str, institution: str = "no institution") -> Page:
        """An invitation by the People page, the mail, a sign-in made from its link; the newcomer's tab."""
        self.go(inviter, f"/studies/{study}/people/")
        inviter.fill("#id_email", email)
        inviter.select_option("#id_role", label=role)
        inviter.select_option("#id_institution", label=institution)
        inviter.get_by_role("button", name="Invite", exact=True).click()
        self.confirmed(inviter)
        expect(inviter.locator("main")).to_contain_text(email)
        tab = self.go(self.tab(), path_in_mail(email, "/invitations/"))
        name = email.split("@")[0]
        tab.fill("#id_username", name)
        tab.fill("#id_name", name.capitalize())
        tab.fill("#id_password", PASSWORD)
        tab.get_by_role("button", name="Accept and make my sign-in").click()
        return self.signed_in(tab, name)

    def confirmed(self, tab: Page) -> None:
        """Whoever invites proves again who they are, once in ten minutes."""
        tab.wait_for_load_state()
        if "/account/reauthenticate/" in tab.url:
            tab.fill("#id_password", PASSWORD)
            tab.get_by_role("button", name="Confirm", exact=True).click()

    def signed_in(self, tab: Page, name: str) -> Page:
        tab.wait_for_url("**/sign-in/**")
        tab.fill("#id_login", name)
        tab.fill("#id_password", PASSWORD)
        tab.get_by_role("button", name="Sign in", exact=True).click()
        tab.wait_for_url(lambda url: "/sign-in/" not in url)
        return tab


def path_in_mail(to: str, begins: str) -> str:
    """The path of the link in the newest mail to that person."""
    text = next(str(one.body) for one in reversed(mail.outbox) if to in one.to)
    found = re.search(rf"https?://[^/\s]+({re.escape(begins)}\S+)", text)
    assert found, text
    return found[1]


def registers(guide: Guide, stranger: Page) -> None:
    """The public page, the form, the link in the mail."""
    guide.go(stranger, "/")
    guide.picture(stranger, "first-page")
    guide.go(stranger, "/register/")
    for name, value in {
        "name": "Jeju Medical Center",
        "slug": "jeju",
        "country": "KR",
        "domain": "jeju.example.org",
        "approval_number": "IRB-2026-114",
        "approval_date": "2026-03-02",
        "contact_name": "Hana Kim",
        "contact_email": "hana@jeju.example.org",
    }.items():
        stranger.fill(f"#id_{name}", value)
    guide.picture(stranger, "register")
    stranger.get_by_role("button", name="Send the request").click()
    guide.go(stranger, path_in_mail("hana@jeju.example.org", "/register/confirm/"))
    stranger.get_by_role("button", name="Yes, confirm").click()


def is_approved(guide: Guide, platform: Page) -> None:
    guide.go(platform, "/institutions/jeju/")
    platform.fill("#id_reason", "Committee approval checked with the hospital by telephone.")
    guide.picture(platform, "approve-hospital")
    platform.get_by_role("button", name="Approve").click()
    expect(platform.locator("main")).to_contain_text("Suspend")


def joins_the_study(guide: Guide, manager: Page, study: str) -> None:
    guide.go(manager, f"/studies/{study}/set-up/")
    manager.select_option("#institution", "jeju")
    manager.get_by_role("button", name="Invite", exact=True).click()
    manager.fill("#id_text", "Encrypted rows serve the study's question only; a hospital may withdraw its batches.")
    manager.get_by_role("button", name="Publish the terms").click()
    expect(manager.locator("main")).to_contain_text("in force")
    guide.picture(manager, "hospitals-and-terms", ".stack > section:nth-of-type(4)")


def accepts_the_terms(guide: Guide, coordinator: Page, study: str) -> None:
    guide.go(coordinator, f"/studies/{study}/terms/")
    guide.picture(coordinator, "accept-terms")
    coordinator.get_by_role("button", name="Accept version 1").click()


def compares_the_key(guide: Guide, coordinator: Page, study: str, read_out: str) -> None:
    """``read_out``: the fingerprint, as the custodian reads it on the telephone."""
    guide.go(coordinator, f"/studies/{study}/keys/")
    coordinator.fill("#id_last_digits", read_out[-8:])
    coordinator.get_by_role("button", name="I compared it with the custodian by telephone").click()
    expect(coordinator.locator("main")).to_contain_text("compared it with the custodian on")


def adds_patients(guide: Guide, coordinator: Page, study: str, folder: Path) -> None:
    walk = Walk(coordinator, guide.site, study).open()
    guide.picture(coordinator, "choose-file")
    walk.check(write_csv(folder / "jeju.csv", cohort(900, seed=9, prefix="jeju-")))
    guide.picture(coordinator, "check", "#step-check")
    walk.confirm_report()
    guide.picture(coordinator, "encrypt-and-send", "#step-send")
    assert walk.send().arrived() == "batch-0004"


def launches(guide: Guide, manager: Page, study: str) -> None:
    guide.go(manager, f"/studies/{study}/jobs/new/")
    button = manager.get_by_role("button", name="Launch on 4 hospitals")
    expect(button).to_be_enabled()
    guide.picture(manager, "launch")
    button.click()
    manager.wait_for_url("**/jobs/job-0001/**")


def makes_a_key(guide: Guide, tab: Page, name: str = "") -> str:
    """The person's approval key stays in this browser; its fingerprint is what the custodian is read by telephone."""
    guide.go(tab, "/approval-key/")
    tab.get_by_role("button", name="Make my key").click()
    expect(tab.locator("#approval-key")).not_to_have_attribute("data-fingerprint", "")
    if name:
        guide.picture(tab, name)
    return tab.locator("#approval-key").get_attribute("data-fingerprint") or ""


def asks_for_the_release(guide: Guide, manager: Page, study: str) -> None:
    guide.go(manager, f"/studies/{study}/results/job-0001/")
    guide.picture(manager, "sealed-result")
    manager.get_by_role("link", name="Ask for its release").click()
    manager.fill("#id_justification", "The study group decides on the validation in the next winter.")
    manager.fill("#id_audience", "The clinicians of the study.")
    guide.picture(manager, "ask-for-release")
    manager.get_by_role("button", name="Write the request").click()
    manager.wait_for_url("**/releases/release-0001/")
    sign(manager)
    expect(manager.locator("main")).to_contain_text("The approvers get a mail now")


def approves(guide: Guide, approver: Page, study: str, name: str = "") -> None:
    """Reads the numbers, which this browser alone can open, and signs them."""
    guide.go(approver, f"/studies/{study}/releases/release-0001/")
    expect(approver.locator("#preview table").first).to_be_visible()
    expect(approver.locator("#sign")).to_be_enabled()
    if name:
        guide.picture(approver, name, "#release")
    sign(approver)


def sign(tab: Page) -> None:
    """Press the button; the page comes back without it."""
    expect(tab.locator("#sign")).to_be_enabled()
    tab.locator("#sign").click()
    expect(tab.locator("#sign")).to_have_count(0)


def reads_the_result(guide: Guide, clinician: Page, study: str) -> str:
    guide.go(clinician, "/")
    guide.picture(clinician, "clinician-first-page")
    guide.go(clinician, f"/studies/{study}/results/job-0001/")
    expect(clinician.locator(".js-plotly-plot").first).to_be_visible()
    guide.picture(clinician, "released-result")
    return clinician.inner_text("main")
