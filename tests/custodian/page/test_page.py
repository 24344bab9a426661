"""The agent's own page: what it says, to whom, and that it harms nobody."""

import re
import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey
from tenacity import wait_none
from typer.testing import CliRunner

from hefed.core.errors import BadInput
from hefed.core.protocol.results import ItemCommitment
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing
from hefed.core.protocol.verdicts import VerdictTask
from hefed.custodian.__main__ import app
from hefed.custodian.agent.contact import Contact
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands.enrolment import TOKEN as TOKEN_FILE
from hefed.custodian.keeping.ledger import Entry, Ledger
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from hefed.custodian.page.facts import Book, Reviews, Watch
from hefed.custodian.page.server import shown
from hefed.custodian.sharing.holding import CARD, SHARING, Identity
from hefed.custodian.sharing.lead import naming, set_lead
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, PASSPHRASE
from tests.custodian.fake_server import TOKEN, FakeServer
from tests.pages.look import accessibility, problems_of, tab
from tests.words.raises import says
from tests.words.raises import text as said

SERVER = "https://hefed.example"


@pytest.fixture
def contact() -> Contact:
    return Contact()


@pytest.fixture
def address(home: Home, contact: Contact) -> Iterator[str]:
    with shown(0, Watch(home, SERVER, contact).facts) as address:
        yield address


def text(address: str) -> str:
    response = httpx.get(address)
    assert response.status_code == 200
    return " ".join(re.sub("<[^>]+>", " ", response.text).split())


def test_page_says_what_the_machine_reads_what_was_asked_and_by_which_rule_it_was_answered(
    address: str, agent: Agent, server: FakeServer, contact: Contact
):
    assert "None yet. The server asks when a hospital uploads" in text(address)
    server.upload("b1", "north", *NORTH)
    agent.poll()
    contact.made()

    page = text(address)

    assert "This machine holds the study's whole key: it opens totals, alone, by the rules below." in page
    assert f"Server {SERVER} State Connected Since" in page
    assert "Taken 1 of at most 5,000" in page
    assert re.search(rf"admission none 0 [\d,]+ admitted {said('admission.sums_fit')}", page), page
    assert "Counts from 1 to 7 are hidden; others are rounded to multiples of 5." in page
    assert re.search(rf"Lines 3 Last line .* UTC : answer, {said('admission.sums_fit')}", page)
    assert "Chain 1 lines held when this program started" in page


@pytest.fixture
def hospitals(home: Home) -> list[Identity]:
    """The directory looks like that of South, who holds the second of three shares."""
    people = []
    for name in ("north", "south", "west"):
        signing, agreement = (ECKey.generate_key("P-256") for _ in range(2))
        halves = {"signing": public_half(signing), "agreement": public_half(agreement)}
        card = AgentCard(study="demo", institution=name, name=f"{name.title()} <hospital>", **halves)
        people.append(Identity(card, signing, agreement))
    seats = [Seat(point=point, card=person.card) for point, person in enumerate(people, 1)]
    sharing = Sharing(
        study="demo",
        profile="N14_L9",
        key_fingerprint="0" * 64,
        epoch=1,
        threshold=2,
        seats=seats,
        expires_on=date(2099, 1, 1),
    )
    (home.path / SHARING).write_text(sharing.model_dump_json())
    (home.path / CARD).write_text(people[1].card.model_dump_json())
    return people


def name_lead(home: Home, by: Identity, lead: str, after: str = "") -> None:
    sharing = Sharing.model_validate_json((home.path / SHARING).read_bytes())
    set_lead(home.path, by, naming(home.path, sharing, lead, after))


def test_page_of_a_hospital_with_a_share_says_that_it_reads_nothing_and_who_leads(
    address: str, home: Home, hospitals: list[Identity]
):
    assert said("sharing.nobody_leads") in text(address)
    name_lead(home, hospitals[1], "north")

    page = text(address)

    assert "any 2 of 3 hospitals open together. It answers with numbers that tell nothing alone." in page
    assert "Open together 2 of 3 hospitals; 1 may be lost" in page
    assert "This hospital South &lt;hospital&gt;, share 2 Leads North &lt;hospital&gt; Sharing 1, in use until" in page
    assert "Sealed results here" not in page and "deaths" not in page


def test_page_of_the_hospital_that_leads_says_that_it_reads_totals_and_whose_hand_over_it_waits_for(
    address: str, home: Home, hospitals: list[Identity]
):
    name_lead(home, hospitals[1], "south", after="north")

    page = text(address)

    assert "leads: any 2 of 3 hospitals open together, and it reads the totals that they open." in page
    assert "Waits for the hand-over of north, which led before" in page
    assert "Sealed results here 0" in page


def test_page_of_a_hospital_lists_releases_that_wait_and_says_what_it_said_itself(
    home: Home, contact: Contact, hospitals: list[Identity]
):
    task = VerdictTask(
        release="release-0002",
        version=1,
        study="demo",
        job="job-0001",
        sharing="0" * 64,
        digest="1" * 64,
        commitments=[ItemCommitment(item="coefficients", sha256="2" * 64)],
        asked_by="Ada",
        why="<b>why</b>",
        audience="all",
        expires_on=date(2099, 1, 1),
        needed=2,
        previews=[1, 2, 3],
        answered={1: "approve"},
    )
    answers = [[task], [task.model_copy(update={"answered": {2: "reject"}})]]
    name_lead(home, hospitals[1], "north")
    reviews = Reviews(lambda: answers.pop(0) if len(answers) > 1 else answers[0], every_seconds=0.0)
    with shown(0, Watch(home, SERVER, contact, reviews).facts) as address:
        page = text_once(address, "release-0002, version 1: coefficients of job-0001, until 2099-01-01.")
        assert "1 of 2 hospitals approved." in page
        assert "This hospital has not decided: releases show release-0002 shows exactly" in page
        assert "0 of 2 hospitals approved. " in text_once(address, "This hospital said: reject.")


def text_once(address: str, words: str) -> str:
    """The page as soon as it says this; what is asked for beside it arrives within a look or two."""
    for _ in range(100):
        if words in (page := text(address)):
            return page
        time.sleep(0.05)
    raise AssertionError(page)


def test_page_says_since_when_and_why_the_server_is_not_reached(home: Home, custodian: Custodian):
    agent = alone(custodian, CustodianClient("http://127.0.0.1:9", TOKEN, wait_none()))
    with shown(0, Watch(home, SERVER, agent.contact).facts) as address:
        assert "State Calling for the first time" in text(address)
        agent.run(once=True)
        page = text(address)
    assert "State Not connected Since" in page
    assert "Why " in page and "GET custodian/requests" in page


def test_page_and_headers_hold_no_secret_and_load_nothing_from_elsewhere(address: str, home: Home):
    (home.path / TOKEN_FILE).write_text(TOKEN)
    response = httpx.get(address)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'")
    assert response.headers["Cache-Control"] == "no-store"
    assert set(re.findall(r'(?:src|href)="([^"]*)"', response.text)) == {"/style.css", "/refresh.js"}
    assert " style=" not in response.text and "<script>" not in response.text
    for secret in (TOKEN, PASSPHRASE, str(home.path), home.vault.read_text()[-40:]):
        assert secret not in response.text


def test_what_a_server_wrote_is_text_on_the_page_and_nothing_else(address: str, custodian: Custodian):
    nasty = '<script src="https://elsewhere.example/x.js"></script>&amp;"\''
    custodian.ledger.append(Entry(event="request", request="r1", kind=nasty, job=nasty, rows=7))
    custodian.ledger.append(Entry(event="answer", request="r1", outcome=nasty, rule=nasty))
    body = httpx.get(address).text
    assert "<script src=" not in body.replace('<script type="module" src="/refresh.js">', "")
    assert '&lt;script src="https://elsewhere.example/x.js"&gt;&lt;/script&gt;&amp;amp;"\'' in body


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "127.0.0.1", "127.0.0.1:1", "localhost.elsewhere.example:80", ""]
)
def test_a_name_that_was_made_to_point_here_reads_nothing(address: str, host: str):
    response = httpx.get(address, headers={"Host": host})
    assert response.status_code == 421
    assert "study" not in response.text


def test_the_page_answers_under_both_names_of_this_machine(address: str):
    port = httpx.URL(address).port
    assert httpx.get(address, headers={"Host": f"localhost:{port}"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_the_page_can_only_be_read(address: str, method: str):
    response = httpx.request(method, address)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")


def test_no_other_address_reads_a_file(address: str):
    for path in ("vault.json", "../vault.json", "%2e%2e/ledger.jsonl", "style.css/../../vault.json"):
        assert httpx.get(address + path).status_code == 404
    assert "color-scheme: light dark" in httpx.get(address + "style.css").text


def test_a_policy_that_cannot_be_read_is_named_and_the_rest_is_shown(address: str, home: Home):
    home.policy.write_text("minimum_rows = 1")
    page = text(address)
    why = "Input should be greater than or equal to 5"
    assert said("policy.setting", path=str(home.policy), setting="minimum_rows", why=why)[1:] in page
    assert "Ledger Lines 1" in page


def test_a_page_that_fails_says_so_and_the_next_one_is_shown(home: Home, contact: Contact):
    watch, broken = Watch(home, SERVER, contact), [True]

    def facts():
        if broken.pop():
            raise RuntimeError("a secret detail")
        return watch.facts()

    with shown(0, facts) as address:
        first = httpx.get(address)
        broken.append(False)
        assert (first.status_code, "secret" in first.text) == (500, False)
        assert httpx.get(address).status_code == 200


def test_a_port_that_is_taken_is_named_before_anything_is_answered(home: Home, server: FakeServer, tmp_path: Path):
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "token").write_text(TOKEN)
    request = server.upload("b1", "north", *NORTH)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with says("commands.page_port", BadInput, port=port):
            shown(port, Watch(home, SERVER, Contact()).facts).__enter__()
        words = ["run", "--home", home.path, "--server", server.address, "--once", "--page", port]
        files = ["--token-file", tmp_path / "token", "--passphrase-file", tmp_path / "passphrase"]
        result = CliRunner().invoke(app, [*map(str, words), *map(str, files)])
    assert result.exit_code == 1
    assert request.request in server.waiting


def test_book_takes_in_only_what_was_added_and_waits_for_half_a_line(custodian: Custodian, home: Home):
    book = Book(home.ledger)
    custodian.ledger.append(Entry(event="request", request="r1", kind="moments", job="j", round=0, rows=120))
    book.read()
    assert (book.today, book.requests(5)[0].answer) == (1, None)
    whole = home.ledger.read_bytes()
    custodian.ledger.append(Entry(event="share-answered", request="r1", outcome="share", rule="with its share"))
    after = home.ledger.read_bytes()
    home.ledger.write_bytes(after[:-10])
    book.read()
    assert book.requests(5)[0].answer is None and book.last is not None and book.last.event == "request"
    home.ledger.write_bytes(after)
    book.read()
    answer = book.requests(5)[0].answer
    assert len(after) > len(whole) and answer is not None and answer.outcome == "share"


def test_book_counts_the_requests_of_this_day_only(home: Home, custodian: Custodian):
    long_ago = datetime(2025, 1, 1, 23, 59, 59, tzinfo=UTC)
    Ledger(home.ledger, custodian.vault.ledger_key(), lambda: long_ago).append(Entry(event="request", request="old"))
    custodian.ledger.append(Entry(event="request", request="new", rule='"event":"request"'))
    book = Book(home.ledger)
    book.read()
    assert (book.today, [one.asked.request for one in book.requests(5)]) == (1, ["new", "old"])


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_page_is_accessible_keeps_its_width_and_shows_what_is_new(
    address: str, custodian: Custodian, width: int, theme: str
):
    custodian.ledger.append(Entry(event="request", request="r1", kind="moments", job="job-0001", round=0, rows=1200))
    with tab("", "", "") as page:
        console = problems_of(page)
        page.clock.install()
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address)
        assert accessibility(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        custodian.ledger.append(Entry(event="answer", request="r1", outcome="refused", rule="too few patients"))
        page.clock.fast_forward(6000)
        page.get_by_role("cell", name="too few patients").wait_for()
        assert console == []
