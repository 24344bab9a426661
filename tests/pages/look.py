"""Screenshots of every page at two widths in two themes: ``python -m tests.pages.look DIR [name ...]``.

Fills a throw-away database, serves it with Django's live server and drives Chromium; complains of console errors,
of anything that the content security policy stopped, and of pages wider than the screen.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "home": ("", "home"),
    "register": ("", "register"),
    "sign-in": ("", "sign-in"),
    "institutions": ("platform", "institutions"),
    "overview": ("alice", "study"),
    "batches": ("bob", "batches"),
    "batches-all": ("alice", "batches"),
    "batch": ("bob", "batch batch-0002"),
    "batch-quarantined": ("bob", "batch batch-0004"),
    "tokens": ("bob", "tokens"),
    "keys": ("carol", "keys"),
    "dictionary": ("bob", "dictionary"),
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
    "not-found": ("dana", "study nowhere"),
    "forbidden": ("dana", "audit"),
}
WIDTHS = {"wide": 1280, "phone": 390}
THEMES = ("light", "dark")
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def address(page: str) -> str:
    from django.urls import reverse

    name, *args = PAGES[page][1].split()
    if name in ("home", "register", "sign-in", "institutions"):
        return reverse(name)
    study = args if args and args[0] == "nowhere" else ["icu-death", *args]
    return reverse(name, args=study)


def accessibility(tab: "Page") -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA."""
    tab.evaluate(AXE.read_text())
    found = tab.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then((r) => r.violations)")
    return [f"{rule['id']}: {rule['help']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def shots(server: str, folder: Path, wanted: list[str]) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    from tests.pages.factory import PASSWORD

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for who in sorted({PAGES[page][0] for page in wanted}):
            context = browser.new_context()
            tab = context.new_page()
            if who:
                tab.goto(server + "/sign-in/")
                tab.fill("#id_username", who)
                tab.fill("#id_password", PASSWORD)
                tab.click("main button[type=submit]")
            problems: list[str] = []
            tab.on(
                "console",
                lambda message, found=problems: found.append(message.text) if message.type == "error" else None,
            )
            tab.on("pageerror", lambda error, found=problems: found.append(str(error)))
            for page in (page for page in wanted if PAGES[page][0] == who):
                for theme in THEMES:
                    tab.emulate_media(color_scheme=theme)
                    for label, width in WIDTHS.items():
                        tab.set_viewport_size({"width": width, "height": 800})
                        tab.goto(server + address(page))
                        tab.wait_for_timeout(400)
                        extra = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                        tab.screenshot(path=folder / f"{page}-{label}-{theme}.png", full_page=True)
                        problems += accessibility(tab)
                        yield from (f"{page} {label} {theme}: {text}" for text in problems)
                        if extra > 0:
                            yield f"{page} {label} {theme}: {extra} pixels wider than the screen"
                        problems.clear()
            context.close()
        browser.close()


def main() -> None:
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or list(PAGES)
    folder.mkdir(parents=True, exist_ok=True)
    django.setup()
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    from django.contrib.staticfiles.testing import StaticLiveServerTestCase

    from tests.pages.factory import full_world

    full_world()
    StaticLiveServerTestCase.setUpClass()
    for problem in shots(StaticLiveServerTestCase.live_server_url, folder, wanted):
        print(problem)  # noqa: T201
    StaticLiveServerTestCase.tearDownClass()
    teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    main()
