"""The shipped nginx configuration: what it says always, how it behaves where nginx is installed."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from hefed import settings
from hefed.core.words import Said
from hefed.middleware import error_body
from tests.server import nginx
from tests.server.slow_clients import BLOCK, FORM, HEADER, UNVERIFIED, connected, longest_answer_seconds, slow_clients

PAGES, UPLOADS = "http://hefed_pages", "http://hefed_uploads"
BIG_BODIES = (
    "/api/v1/batches/batch-0001/blocks/17",
    "/api/v1/custodian/keys/public",
    "/api/v1/custodian/keys/relinearisation",
    "/api/v1/custodian/requests/request-0001/answer",
    "/api/v1/custodian/requests/request-0001/partial",
    f"/api/v1/custodian/hand-overs/{'a' * 64}",
)
OTHERS = ("/", "/sign-in/", "/static/js/page.js", "/studies/icu/jobs/", "/api/v1/study", "/api/v1/batches")


@pytest.mark.parametrize("path", BIG_BODIES)
def test_big_bodies_go_unbuffered_to_a_process_of_their_own(path: str):
    location = nginx.location_of(path).directives
    assert location["proxy_pass"] == UPLOADS
    assert location["proxy_request_buffering"] == "off"
    assert int(location["client_max_body_size"].removesuffix("m")) * 1024**2 > settings.HEFED_MAX_ANSWER_BYTES


@pytest.mark.parametrize("path", OTHERS)
def test_everything_else_is_collected_before_it_is_passed_on(path: str):
    location = nginx.location_of(path).directives
    assert location["proxy_pass"] == PAGES
    assert "proxy_request_buffering" not in nginx.server_directives() | location


def test_slow_and_many_connections_are_limited():
    server = nginx.server_directives()
    for name in ("client_header_timeout", "client_body_timeout", "limit_conn", "limit_req", "client_max_body_size"):
        assert name in server
    assert int(server["client_header_timeout"].removesuffix("s")) <= 10
    for location in nginx.locations():
        if "limit_conn" in location.directives:  # replaces the server's, which must be said again
            assert "limit_conn hefed_connections" in nginx.CONFIGURATION.read_text().split(location.pattern)[1]


def test_sign_in_is_limited_by_address():
    assert "hefed_sign_in" in nginx.location_of("/sign-in/").directives["limit_req"]
    assert "hefed_sign_in" in nginx.location_of("/register/").directives["limit_req"]
    assert "hefed_sign_in" in nginx.location_of("/account/password/reset/").directives["limit_req"]


def test_http2_is_asked_for_in_words_that_debian_12_knows():
    assert "http2 on" not in nginx.without_comments()
    assert "listen 443 ssl http2;" in nginx.without_comments()


@pytest.mark.golden_words
def test_programs_read_what_nginx_refuses_in_the_words_of_the_api():
    codes = {413: "server.too_large", 429: "server.too_often", 502: "server.failed"}
    assert nginx.refusals() == {status: error_body(Said(code)) for status, code in codes.items()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if nginx.PROGRAM is None:
        pytest.skip("nginx is not installed; on Debian: apt-get install nginx-light")
    with nginx.served(tmp_path_factory.mktemp("nginx")) as url:
        yield url


@pytest.mark.processes
def test_pages_come_over_http2_without_a_redirect(site: str):
    answer = httpx.get(site, verify=UNVERIFIED)
    assert answer.status_code == 200
    assert "Secure" in httpx.get(f"{site}sign-in/", verify=UNVERIFIED).headers["Set-Cookie"]
    assert negotiated(site) == "h2"


def negotiated(site: str) -> str | None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    where = urlsplit(site)
    with socket.create_connection((where.hostname, where.port)) as plain, context.wrap_socket(plain) as secured:
        return secured.selected_alpn_protocol()


@pytest.mark.processes
@pytest.mark.parametrize("beginning", [HEADER, FORM, BLOCK], ids=["header", "form", "block"])
def test_site_answers_while_32_connections_send_a_byte_a_second(site: str, beginning: bytes):
    with slow_clients(site, beginning):
        assert longest_answer_seconds(site) < 2


@pytest.mark.processes
def test_uploads_of_one_address_are_few(site: str):
    with slow_clients(site, BLOCK, 24) as clients:
        refused = [client for client in clients if answered(client).startswith(b"HTTP/1.1 429")]
        assert len(refused) == 24 - 16


def answered(client: socket.socket) -> bytes:
    client.settimeout(0.5)
    try:
        return client.recv(64)
    except TimeoutError:
        return b""


@pytest.mark.processes
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("api/v1/custodian/keys/public", 20_000_000, 401),
        ("api/v1/batches", 5_000_000, 401),
        ("sign-in/", 100_000, 413),
        ("register/", 100_000, 413),
    ],
)
def test_size_of_bodies_is_limited_by_what_an_address_takes(site: str, path: str, size: int, status: int):
    method = "PUT" if "keys" in path else "POST"
    assert httpx.request(method, site + path, content=b"x" * size, verify=UNVERIFIED).status_code == status


@pytest.mark.processes
@pytest.mark.parametrize(
    ("method", "path", "size"),
    [("POST", "api/v1/batches", 20_000_000), ("PUT", "api/v1/custodian/keys/public", 700_000_000)],
)
def test_program_that_sends_too_much_is_told_in_json(site: str, method: str, path: str, size: int):
    with connected(urlsplit(site)) as client:
        client.sendall(f"{method} /{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'{"error": ' in answer


@pytest.mark.processes
def test_guessing_passwords_is_slowed_down(site: str):
    statuses = [httpx.get(f"{site}sign-in/", verify=UNVERIFIED).status_code for _ in range(40)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
