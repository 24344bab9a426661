"""Screenshots of every page at two widths in two themes: ``python -m tests.pages.look DIR [name ...]``.

Fills a throw-away database, serves it with Django's live server and drives Chromium; complains of console errors,
of anything that the content security policy stopped, and of pages wider than the screen. ``--language ko`` shows the
pages in Korean (the machine needs a Korean font), ``--world`` another state of the study: ``empty`` before its keys,
``shared`` with a key that three hospitals hold, whose agents must approve a release, ``published`` after a release of
everything, with four hospitals.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread that fills the pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "home": ("", "home"),
    "register": ("", "register"),
    "sign-in": ("", "sign-in"),
    "institutions": ("platform", "institutions"),
    "institution": ("platform", "institution busan"),
    "institution-approved": ("platform", "institution daegu"),
    "audit-whole": ("platform", "audit-whole"),
    "people": ("alice", "people"),
    "people-read": ("bob", "people"),
    "audit-check": ("eve", "audit-check"),
    "account-password": ("dana", "account_change_password"),
    "account-second-factor": ("dana", "mfa_index"),
    "account-email": ("dana", "account_email"),
    "account-sessions": ("dana", "usersessions_list"),
    "password-reset": ("", "account_reset_password"),
    "glossary": ("", "glossary"),
    "administrators": ("platform", "administrators"),
    "find": ("alice", "find"),
    "today-platform": ("platform", "today"),
    "today-administrator": ("alice", "today"),
    "today-coordinator": ("bob", "today"),
    "today-custodian": ("carol", "today"),
    "today-clinician": ("dana", "today"),
    "today-auditor": ("eve", "today"),
    "today-approver": ("finn", "today"),
    "overview": ("alice", "study"),
    "batches": ("bob", "batches"),
    "batches-all": ("alice", "batches"),
    "batch": ("bob", "batch batch-0002"),
    "batch-quarantined": ("bob", "batch batch-0004"),
    "tokens": ("bob", "tokens"),
    "keys": ("carol", "keys"),
    "dictionary": ("bob", "dictionary"),
    "set-up": ("alice", "set-up"),
    "edit-dictionary": ("alice", "edit-dictionary"),
    "terms": ("bob", "terms"),
    "keys-administrator": ("alice", "keys"),
    "audit": ("eve", "audit"),
    "jobs": ("alice", "jobs"),
    "launch": ("alice", "launch-form"),
    "job-running": ("alice", "job job-0005"),
    "job-waiting": ("alice", "job job-0006"),
    "job-failed": ("alice", "job job-0003"),
    "job-finished": ("alice", "job job-0001"),
    "requests": ("carol", "requests"),
    "results": ("dana", "results"),
    "result": ("dana", "result job-0001"),
    "job-sealed": ("alice", "job job-0007"),
    "result-sealed": ("dana", "result job-0007"),
    "releases": ("finn", "releases"),
    "release": ("finn", "release release-0002"),
    "release-asked": ("alice", "release release-0002"),
    "release-rejected": ("alice", "release release-0001"),
    "ask": ("alice", "ask-form"),
    "approval-key": ("finn", "approval-key"),
    "approval-key-elsewhere": ("gina", "approval-key"),
    "not-found": ("dana", "study nowhere"),
    "forbidden": ("dana", "audit"),
}
OUTSIDE_STUDIES = (
    "approval-key",
    "home",
    "glossary",
    "administrators",
    "find",
    "register",
    "sign-in",
    "institutions",
    "institution",
    "audit-whole",
)
HAS_THE_KEY = "finn"  # in whose browser the approval key lies
KEEP_KEY = """async ({ person, fingerprint, signing, agreement }) => {
    const { keep } = await import("/static/releases/key_store.js");
    const read = (jwk, name, uses) => crypto.subtle.importKey("jwk", jwk, { name, namedCurve: "P-256" }, false, uses);
    await keep({ person, fingerprint, signing: await read(signing, "ECDSA", ["sign"]),
        agreement: await read(agreement, "ECDH", ["deriveBits"]) });
}"""
# What no accessibility rule knows: columns behind an edge, a page that runs over its foot, a round half in view.
MISPLACED = """() => {
    const box = (element) => element.getBoundingClientRect();
    const foot = box(document.querySelector(".foot")).top + 1;
    const hidden = ".canvas, svg, .scroll, details:not([open]), .visually-hidden";
    const all = [...document.querySelectorAll("main *")];
    const low = all.filter((one) => box(one).bottom > foot && !one.closest(hidden));
    const tables = [...document.querySelectorAll(".table-wrap")].filter((one) => !one.closest("details"));
    const wide = tables.filter((one) => one.scrollWidth > one.clientWidth + 1);
    const strip = document.querySelector(".rounds");
    const now = strip?.querySelector(".running, .reducing, .custodian");
    const cut = now && (box(now).left < box(strip).left || box(now).right > box(strip).right + 1);
    return [
        ...wide.map((one) => `a table is ${one.scrollWidth - one.clientWidth} pixels too wide: ${one.ariaLabel}`),
        ...low.slice(0, 1).map((one) => `runs over the foot: ${one.outerHTML.slice(0, 80)}`),
        ...(cut ? ["the round that runs is not in view"] : []),
    ];
}"""
LOOKS = (("wide", 1280, "light"), ("phone", 390, "dark"), ("wide", 1280, "dark"), ("phone", 390, "light"))
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
# Before its keys a study has no batches, jobs and releases; these pages say so, or teach what comes first.
EMPTY = (
    *("home", "institutions", "audit-whole", "people", "people-read", "today-platform", "today-administrator"),
    *("today-coordinator", "today-custodian", "today-clinician", "today-auditor", "today-approver", "overview"),
    *("batches", "batches-all", "tokens", "keys", "keys-administrator", "set-up", "terms", "audit", "jobs", "launch"),
    *("requests", "results", "releases", "ask", "approval-key", "dictionary", "find", "audit-check"),
)
PUBLISHED = ("results", "result-sealed", "release", "releases", "today-clinician", "job-sealed", "ask")
SHARED = (
    *("today-custodian", "keys", "keys-administrator", "job-waiting", "job-finished", "requests", "overview"),
    *("release", "release-asked"),
)
WORLDS = {"full": tuple(PAGES), "empty": EMPTY, "shared": SHARED, "published": PUBLISHED}
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def address(page: str) -> str:
    from django.urls import reverse

    name, *args = PAGES[page][1].split()
    if name in OUTSIDE_STUDIES or name.startswith(("account_", "mfa_", "usersessions_")):
        return reverse(name, args=args)
    study = args if args and args[0] == "nowhere" else ["icu-death", *args]
    return reverse(name, args=study)


def accessibility(page: "Page") -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then((r) => r.violations)")
    return [f"{rule['id']}: {rule['help']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@contextmanager
def tab(server: str, who: str, password: str, language: str = "en") -> Iterator["Page"]:
    """A signed-in browser tab (nobody for an empty name)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(locale=LOCALES[language])
        if who:
            page.goto(server + "/sign-in/")
            page.fill("#id_login", who)
            page.fill("#id_password", password)
            page.click("main button[type=submit]")
        yield page
        browser.close()


def give_key(page: "Page", who: str) -> None:
    """The browser gets the key with which the scene encrypted a preview to this person."""
    from hospitals.people.models import User
    from tests.pages.release_scene import keys_of

    keys, person = keys_of(who), str(User.objects.get(username=who).pk)
    halves = {"signing": keys.signing.as_dict(private=True), "agreement": keys.agreement.as_dict(private=True)}
    page.evaluate(KEEP_KEY, {"person": person, "fingerprint": keys.message.fingerprint, **halves})


def problems_of(page: "Page") -> list[str]:
    """Collects what the console complains of, from now on."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def shots(
    server: str, wanted: list[str], folder: Path | None = None, looks: int = len(LOOKS), language: str = "en"
) -> Iterator[str]:
    """Visit the pages in the first ``looks`` widths and themes; yields a line per problem."""
    from tests.pages.factory import PASSWORD

    for who in sorted({PAGES[name][0] for name in wanted}):
        with tab(server, who, PASSWORD, language) as page:
            if who == HAS_THE_KEY:
                give_key(page, who)
            console = problems_of(page)
            for name in (name for name in wanted if PAGES[name][0] == who):
                for label, width, theme in LOOKS[:looks]:
                    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                    page.set_viewport_size({"width": width, "height": 800})
                    page.goto(server + address(name))
                    page.wait_for_load_state("networkidle")
                    if folder is not None:
                        page.screenshot(path=folder / f"{name}-{label}-{theme}.png", full_page=True)
                    yield from (f"{name} {label} {theme}: {text}" for text in [*console, *faults(page)])
                    console.clear()


def faults(page: "Page") -> list[str]:
    extra = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    wide = [f"{extra} pixels wider than the screen"] if extra > 0 else []
    return [*accessibility(page), *wide, *page.evaluate(MISPLACED)]


def fill(world: str) -> None:
    from tests.pages import factory, release_scene, share_scene

    made = factory.empty_world() if world == "empty" else factory.full_world()
    if world == "shared":
        share_scene.share_key(made)
        share_scene.ask_agents(made)
    if world == "published":
        release_scene.publish(made)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Screenshots of pages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="all by default")
    parser.add_argument("--language", choices=list(LOCALES), default="en")
    parser.add_argument("--world", choices=list(WORLDS), default="full")
    asked = parser.parse_intermixed_args()
    unknown = [page for page in asked.pages if page not in PAGES]
    if unknown:
        parser.error(f"no page is called {', '.join(unknown)}; there are {', '.join(PAGES)}")
    return asked


def main() -> None:
    asked = arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    wanted = asked.pages or list(WORLDS[asked.world])
    django.setup()
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    from django.contrib.staticfiles.testing import StaticLiveServerTestCase

    fill(asked.world)
    StaticLiveServerTestCase.setUpClass()
    for problem in shots(StaticLiveServerTestCase.live_server_url, wanted, asked.folder, language=asked.language):
        print(problem)  # noqa: T201
    StaticLiveServerTestCase.tearDownClass()
    teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
