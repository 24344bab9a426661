"""``deploy/nginx.conf``: read by rules of nginx's own, and served by the real nginx where there is one."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hefed.rehearsal.stack import ROOT, ProcessGroup, Program, free_port
from tests.server.slow_clients import UNVERIFIED

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_USER = "user root;" if os.geteuid() == 0 else ""  # or it could not write into a test's folder
_SURROUNDINGS = """daemon off; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; include {folder}/hefed.conf;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; }}
"""


@dataclass(frozen=True)
class Location:
    pattern: str
    is_regular: bool
    directives: dict[str, str]


def without_comments() -> str:
    return re.sub(r"#.*", "", CONFIGURATION.read_text())


def locations() -> list[Location]:
    """Those that an address leads to; a body of braces belongs to the words of an error."""
    blocks = re.findall(r"location (~ )?([^@\s]\S*) \{([^}]*)\}", without_comments())
    return [Location(pattern, bool(regular), _directives(body)) for regular, pattern, body in blocks]


def location_of(path: str) -> Location:
    """The first regular expression that matches, else the longest prefix."""
    known = locations()
    regular = [one for one in known if one.is_regular and re.search(one.pattern, path)]
    prefixes = [one for one in known if not one.is_regular and path.startswith(one.pattern)]
    return regular[0] if regular else max(prefixes, key=lambda one: len(one.pattern))


def refusals() -> dict[int, dict[str, object]]:
    """What nginx itself answers to programs, by status."""
    said = re.findall(r"return (\d+) '(.*)';", without_comments())
    return {int(status): json.loads(body) for status, body in said}


def server_directives() -> dict[str, str]:
    """Of the TLS server, without its locations."""
    server = re.sub(r"'.*'", "", without_comments()).split("server {")[1]
    return _directives(re.sub(r"location [^{]*\{[^}]*\}", "", server))


def _directives(body: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*(\w+) ([^;{]+);", body, re.MULTILINE))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The shipped nginx and gunicorn configurations in front of the product, on ports of this test."""
    pages, uploads, tls = free_port(), free_port(), free_port()
    _write_configuration(folder, pages, uploads, tls)
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HEFED_DATA_DIR": str(folder / "data"),
        "HEFED_ALLOWED_HOSTS": "localhost",
        "HEFED_HTTPS": "1",
        "HEFED_BEHIND_PROXY": "1",
        "HEFED_PROXIES": "1",
    }
    gunicorn = (sys.executable, "-m", "gunicorn", "hefed.wsgi", "--config", "deploy/gunicorn.conf.py")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=os.environ | env, check=True
    )
    with ProcessGroup(folder / "logs") as group:
        group.start(Program("pages", gunicorn, env | {"HEFED_BIND": f"127.0.0.1:{pages}"}))
        group.start(Program("uploads", gunicorn, env | {"HEFED_BIND": f"127.0.0.1:{uploads}"}))
        group.start(Program("nginx", (str(PROGRAM), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf")))
        _wait_for(f"https://localhost:{tls}/", group)
        _wait_for(f"https://localhost:{tls}/api/v1/custodian/keys/public", group)
        yield f"https://localhost:{tls}/"


def _write_configuration(folder: Path, pages: int, uploads: int, tls: int) -> None:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subject = ("-subj", "/CN=localhost", "-days", "2", "-nodes")
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate, *subject]
    subprocess.run(argv, check=True, capture_output=True)
    text = CONFIGURATION.read_text()
    for shipped, ours in (
        ("127.0.0.1:8000", f"127.0.0.1:{pages}"),
        ("127.0.0.1:8001", f"127.0.0.1:{uploads}"),
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("/etc/hefed/tls/fullchain.pem", str(certificate)),
        ("/etc/hefed/tls/privkey.pem", str(key)),
        ("hefed.example.org", "localhost"),
    ):
        assert shipped in text
        text = text.replace(shipped, ours)
    (folder / "hefed.conf").write_text(text)
    (folder / "nginx.conf").write_text(_SURROUNDINGS.format(folder=folder, user=_USER))


def _wait_for(url: str, group: ProcessGroup) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        group.check()
        try:
            if httpx.get(url, timeout=5, verify=UNVERIFIED).status_code < 500:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer from {url} within 60 s")
