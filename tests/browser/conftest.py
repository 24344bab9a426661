"""Real Chromium through Playwright, without any network but this machine."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.server.conftest import (  # noqa: F401  fixtures
    Api,
    admin,
    api_for,
    broker,
    encryptor,
    home,
    keys_home,
    own_folders,
    published,
    study,
)

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the tests' thread
expect.set_options(timeout=60_000)  # a busy machine; nothing waits that long when all is well
Application = Callable[..., Any]
STATIC = Path(__file__).resolve().parents[2] / "static"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: Playwright's loop in the tests' thread would give later tests other connections."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield running
        running.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The test's output is not the place for requests."""


@pytest.fixture(scope="session")
def static_address() -> Iterator[str]:
    """The static files alone, for modules that need no server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(STATIC)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def modules(browser: Browser, static_address: str) -> Iterator[Page]:
    """An empty page from which ``import('/encryptor/...')`` works."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{static_address}/images/favicon.svg")
    yield page
    context.close()


@dataclass
class Requests:
    """Every piece of a block that reached the application: block, offset, and the answer's status and body."""

    pieces: list[tuple[str, int, str, bytes]] = field(default_factory=list)

    def wrap(self, application: Application) -> Application:
        def logged(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            answer: list[str] = []

            def start(status: str, headers: Any, fault: Any = None) -> Any:
                answer.append(status)
                return start_response(status, headers, fault) if fault else start_response(status, headers)

            body = application(environ, start)
            if environ["REQUEST_METHOD"] != "PATCH":
                return body
            content = b"".join(body)
            offset = int(environ.get("HTTP_UPLOAD_OFFSET") or -1)
            self.pieces.append((environ["PATH_INFO"], offset, answer[0][:3], content))
            return [content]

        return logged

    def sent_again_after_stored(self) -> list[str]:
        """Blocks of which a piece came although the server had acknowledged the whole."""
        stored: set[str] = set()
        again = []
        for path, _, status, content in self.pieces:
            if path in stored:
                again.append(path)
            if status == "200" and json.loads(content)["state"] == "stored":
                stored.add(path)
        return again


@pytest.fixture
def requests_log() -> Requests:
    return Requests()


class _QuietRequests(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The test's output is not the place for requests."""


@pytest.fixture
def site(transactional_db: None, requests_log: Requests) -> Iterator[str]:
    """The whole application with its middleware and static files on a real port."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _QuietRequests)
    server.set_app(requests_log.wrap(get_wsgi_application()))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def coordinator(study: Study, admin: User) -> User:  # noqa: F811
    user = User.objects.create_user("coordinator", "c@hefed.invalid", "a long pass phrase")
    north = Institution.objects.get(slug="north")
    grant_role(user=user, role=Role.COORDINATOR, study=study, institution=north, by=admin)
    return user


def signed_in(context: BrowserContext, site: str, user: User) -> BrowserContext:
    """Give the browser the session that signing in would."""
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return context


@pytest.fixture
def tab(browser: Browser, site: str, coordinator: User, published: Api) -> Iterator[Page]:  # noqa: F811
    """The coordinator's tab; every error of the page fails the test."""
    context = signed_in(browser.new_context(viewport={"width": 1280, "height": 900}), site, coordinator)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert faults == []
