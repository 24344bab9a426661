"""Who may read the agent's page, and what a reader, a server or a hospital's name can do to it: nothing."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from hefed.core.words import Said
from hefed.custodian.agent.contact import Contact
from hefed.custodian.desk.policy import Policy
from hefed.custodian.keeping.ledger import Entry, Ledger
from hefed.custodian.keeping.store import Home
from hefed.custodian.page.facts import Facts, Watch
from hefed.custodian.page.server import shown
from hefed.custodian.page.view import document, el, page
from tests.custodian.conftest import PASSPHRASE, opened_vault
from tests.custodian.worlds import Moment, admitted  # noqa: F401  fixtures

READER = httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))  # without certificates, hence quickly made
EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</main></body></html>",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "{{ 7 * 7 }}",
    "<!--",
    "]]>",
]
ALLOWED_SCRIPTS = ['<script type="module" src="/refresh.js"></script>']


@pytest.fixture(scope="module")
def contact() -> Contact:
    return Contact()


@pytest.fixture(scope="module")
def home(admitted: Moment, tmp_path_factory: pytest.TempPathFactory) -> Home:  # noqa: F811
    return admitted.home_in(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def watch(home: Home, contact: Contact) -> Watch:
    return Watch(home, "https://hefed.example", contact)


@pytest.fixture(scope="module")
def address(watch: Watch) -> Iterator[str]:
    """One page for all: nothing that a reader does may change it for the next."""
    with shown(0, watch.facts) as found:
        yield found


def contents(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.path.rglob("*") if path.is_file()}


def spoken(address: str, request: bytes) -> bytes:
    """What comes back to these very bytes."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


# ---- who may read ----------------------------------------------------------------------------------------------------


def test_the_page_is_at_this_machine_only(address: str) -> None:
    assert urlsplit(address).hostname == "127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/style.css", "/refresh.js", "/nothing"])
def test_under_another_name_no_address_gives_anything(address: str, host: str, path: str) -> None:
    name = host.format(port=urlsplit(address).port)
    response = READER.get(address.rstrip("/") + path, headers={"Host": name})
    assert response.status_code == 421
    assert "demo" not in response.text


def test_without_a_name_at_all_nothing_is_given(address: str) -> None:
    answer = spoken(address, b"GET / HTTP/1.0\r\n\r\n")
    assert status(answer) == 421
    assert b"demo" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/style.css", "/approve", "/custodian/requests"])
def test_every_method_but_reading_is_refused_and_changes_nothing(
    address: str, home: Home, method: str, path: str
) -> None:
    before = contents(home)
    response = READER.request(method, address.rstrip("/") + path, headers={"Content-Length": "0"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert contents(home) == before


@pytest.mark.parametrize("method", ["CONNECT", "PROPFIND", "get", "X" * 200])
def test_a_method_that_nobody_knows_is_refused(address: str, method: str) -> None:
    port = urlsplit(address).port
    answer = spoken(address, f"{method} / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert status(answer) in (400, 405, 501)
    assert b"demo" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "/vault.json",
        "/../vault.json",
        "/..%2fvault.json",
        "/ledger.jsonl",
        "/policy.toml",
        "/style.css/",
        "/STYLE.CSS",
        "/view.py",
        "/./",
        "/%00",
    ],
)
def test_no_other_file_is_read(address: str, path: str) -> None:
    port = urlsplit(address).port
    answer = spoken(address, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert status(answer) == 404
    assert b"argon2" not in answer


@pytest.mark.parametrize("query", ["?", "?a=b", "?next=https://evil.example", "?<script>"])
def test_a_query_says_nothing_to_the_page(address: str, query: str) -> None:
    assert READER.get(address + query).status_code == 200
    assert "evil" not in READER.get(address + query).text


# ---- what readers do -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_", [b"", b"\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70000]
)
def test_bytes_that_are_no_request_harm_nobody(address: str, request_: bytes) -> None:
    try:
        answer = spoken(address, request_)
    except ConnectionError:
        answer = b""
    assert status(answer) != 200
    assert READER.get(address).status_code == 200


def test_a_reader_who_says_nothing_keeps_no_other_from_reading(address: str) -> None:
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port)):
        assert READER.get(address, timeout=5).status_code == 200


def test_many_readers_at_once_see_the_same(address: str) -> None:
    seen: list[int] = []
    readers = [threading.Thread(target=lambda: seen.append(READER.get(address).status_code)) for _ in range(12)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == [200] * 12


def test_reading_changes_nothing(address: str, home: Home) -> None:
    before = contents(home)
    for path in ("", "style.css", "refresh.js", "favicon.ico", "nothing"):
        READER.get(address + path)
    assert contents(home) == before


def test_nothing_is_kept_by_a_browser_or_shown_within_another_page(address: str) -> None:
    for path in ("", "style.css", "nothing"):
        headers = READER.get(address + path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers


# ---- what stands on it -----------------------------------------------------------------------------------------------


def facts(watch: Watch, **changes: object) -> Facts:
    fields = {name: getattr(watch.facts(), name) for name in Facts.__dataclass_fields__}
    return Facts(**{**fields, **changes})


def assert_harmless(html: str) -> None:
    assert re.findall(r"<script[^>]*>.*?</script>", html, re.DOTALL) == ALLOWED_SCRIPTS
    assert not re.search(r"<[^>]+\son\w+=", html)
    assert not re.search(r'(?:href|src)="(?!/style\.css|/refresh\.js)', html)
    assert html.count("<main>") == html.count("</main>") == 1
    assert html.rstrip().endswith("</html>")


@pytest.mark.parametrize("text", EVIL)
def test_a_name_that_is_markup_is_text_wherever_it_stands(watch: Watch, text: str) -> None:
    policy = Policy(institutions=("north",), pools=(frozenset({"north"}),))
    trouble = Said("protocol.answer_of", name=text)
    html = page(
        facts(watch, study=text, server=text, trouble=[trouble], policy=policy, key_fingerprint="ab" * 32),
        datetime.now(UTC),
    ).decode()
    assert_harmless(html)


@pytest.mark.parametrize("text", EVIL)
def test_what_a_server_had_written_on_the_ledger_is_text(address: str, home: Home, text: str) -> None:
    vault = opened_vault(home.vault.read_bytes(), home.vault)
    ledger = Ledger(home.ledger, vault.ledger_key())
    ledger.append(Entry(event="request", request=text, kind=text, job=text, round=0, rows=1))
    ledger.append(Entry(event="answer", request=text, kind=text, job=text, outcome=text, rule=text))
    assert_harmless(READER.get(address).text)


@pytest.mark.parametrize("text", EVIL)
def test_why_a_server_is_not_reached_is_text(address: str, contact: Contact, text: str) -> None:
    contact.lost(Said("agent.refuses", name=text, why=Said("protocol.answer_of", name=text)))
    assert_harmless(READER.get(address).text)


class Read(HTMLParser):
    """What a browser makes of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", EVIL)
def test_an_element_holds_what_it_is_given_as_text_and_as_an_attribute(text: str) -> None:
    read = Read(document(el("html", el("p", text, title=text))).decode())
    assert read.tags == [("html", []), ("p", [("title", text)])]
    assert read.text.strip() == text


def test_no_secret_of_the_directory_stands_on_the_page(address: str, home: Home) -> None:
    vault = opened_vault(home.vault.read_bytes(), home.vault)
    (home.path / "token").write_text("hefed_custodian_secret_token\n")
    shown_ = "".join(READER.get(address + path).text for path in ("", "style.css", "refresh.js"))
    for secret in (PASSPHRASE, "hefed_custodian_secret_token", vault.data_key.hex(), vault.secret_key[:16].hex()):
        assert secret not in shown_
