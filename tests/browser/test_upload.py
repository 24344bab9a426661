"""What arrives on the server from the page, and what never leaves the tab."""

import errno
import random
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from hefed.core.ckks.backend import Decryptor
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import OUTCOME_LEVEL, profile
from hefed.core.ckks.wire import Shape, unpack
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol import envelope
from hefed.core.protocol.uploads import HoldoutRule, cohort_digest, is_held_out
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.encryptor.blocks import Reader
from hefed.encryptor.check import Rules, check
from hospitals.audit.models import AuditEvent
from hospitals.batches import uploads
from hospitals.batches.models import Batch, Block
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import open_blob
from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.browser.conftest import Requests, signed_in
from tests.browser.cutting_proxy import cutting
from tests.browser.walk import Walk, cohort, write_csv
from tests.custodian.cohort import DICTIONARY_CSV
from tests.server.cohort import PROFILE
from tests.server.conftest import HOSPITALS, PASSPHRASE
from tests.words.raises import text

pytestmark = pytest.mark.browser
RING = profile(PROFILE)
ERROR = 1e-6


@pytest.fixture(scope="session")
def decryptor(keys_home: Path) -> Decryptor:
    vault = open_vault(Home(keys_home).vault, PASSPHRASE)
    return Decryptor(SecretKey.load(RING, vault.secret_key))


def opened_block(decryptor: Decryptor, block: Block) -> np.ndarray:
    """Columns (outcome last) of one stored block, padding cut off."""
    with open_blob(block.blob) as stream:
        _, items = envelope.iterate_verified(stream)
        sealed = list(items)
    levels = [RING.max_level] * (len(sealed) - 1) + [OUTCOME_LEVEL]
    columns = [
        decryptor.slots(unpack(RING, item, Shape(level, 2, RING.scale), keep_level=1))
        for item, level in zip(sealed, levels, strict=True)
    ]
    assert max(np.abs(column[block.patients :]).max(initial=0) for column in columns) < ERROR, "padding is not 0"
    return np.stack(columns)[:, : block.patients]


def opened_role(decryptor: Decryptor, batch: Batch, role: str) -> np.ndarray:
    return np.concatenate([opened_block(decryptor, block) for block in batch.blocks.filter(role=role)], axis=1)


def as_the_command_line(path: Path, study: Study) -> tuple[dict[str, np.ndarray], str]:
    """The columns that ``python -m hefed.encryptor`` encrypts, by role, and the cohort digest."""
    dictionary = DataDictionary.from_csv(DICTIONARY_CSV)
    rule = HoldoutRule(salt=study.holdout_salt, fraction=study.holdout_fraction)
    checked = check(path, Rules(dictionary, rule))
    encoded = Reader.of(dictionary, checked.table.header).encode_valid(checked.table.gather(checked.spans))
    columns = np.vstack([encoded.columns, encoded.outcome])
    held = np.array([is_held_out(one, rule.fraction) for one in checked.hashes])
    return {"train": columns[:, ~held], "holdout": columns[:, held]}, cohort_digest(checked.hashes)


def assert_same_patients(found: np.ndarray, expected: np.ndarray) -> None:
    """The same rows in whatever order: every column and one mixture of all columns agree when sorted."""
    assert found.shape == expected.shape
    mixture = np.sqrt(np.arange(2, len(found) + 2))
    for a, b in zip([*found, mixture @ found], [*expected, mixture @ expected], strict=True):
        assert np.abs(np.sort(a) - np.sort(b)).max() < ERROR * mixture.sum()


def test_three_hospitals_send_what_the_command_line_would(
    browser, site: str, study: Study, admin: User, published, broker, decryptor: Decryptor, tmp_path: Path
):
    for seed, slug in enumerate(HOSPITALS):
        user = User.objects.create_user(f"{slug}-coordinator", f"{slug}@hefed.invalid")
        hospital = Institution.objects.get(slug=slug)
        grant_role(user=user, role=Role.COORDINATOR, study=study, institution=hospital, by=admin)
        context = signed_in(browser.new_context(), site, user)
        table = write_csv(tmp_path / f"{slug}.csv", cohort(900 + 1500 * seed, seed, prefix=slug))
        name = Walk(context.new_page(), site).open().check(table).confirm_report().send().arrived()
        context.close()

        batch = Batch.objects.get(institution=hospital)
        expected, digest = as_the_command_line(table, study)
        assert (batch.name, batch.state, batch.cohort_digest) == (name, "checking", digest)
        for role, columns in expected.items():
            assert_same_patients(opened_role(decryptor, batch, role), columns)


def test_marker_value_is_in_no_request(tab: Page, site: str, broker, tmp_path: Path):
    rows = cohort(2500)
    rows[7][0], rows[8][1], rows[9][3] = "MARKER-4711", "47.110815", "marker-sex"
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "MARKER-name.csv", rows)).confirm_report().send()
    walk.arrived()
    sent = b"".join(f"{method} {url}\n".encode() + body for method, url, body in walk.requests)
    assert len(sent) > 5_000_000
    for marker in (b"MARKER", b"47.110815", b"marker-sex", b"metastatic,", ",".join(rows[10][:3]).encode()):
        assert marker not in sent
    assert {urlsplit(url).netloc for _, url, _ in walk.requests if not url.startswith("blob:")} == {
        urlsplit(site).netloc
    }


def test_network_cut_five_times_and_tab_closed_twice_completes_without_repeating_a_block(
    browser,
    site: str,
    coordinator: User,
    published,
    broker,
    requests_log: Requests,
    decryptor: Decryptor,
    study,
    tmp_path,
):
    table = write_csv(tmp_path / "patients.csv", cohort(14_000))
    cuts = random.Random(11).sample(range(1_000_000, 28_000_000), 5)
    with cutting(urlsplit(site).port or 0, cuts, rate=12_000_000) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        context = signed_in(browser.new_context(), address, coordinator)
        for closing_after in (2, 5):
            page = context.new_page()
            with proxy.whole():
                walk = Walk(page, address).open()
            begin_or_go_on(walk, table)
            wait_for_stored(page, closing_after)
            page.close()
        with proxy.whole():
            walk = Walk(context.new_page(), address).open()
        begin_or_go_on(walk, table)
        walk.arrived()
        context.close()
        assert proxy.cut_count == 5
    batch = Batch.objects.get()
    assert (batch.state, batch.blocks.exclude(state="stored").count()) == ("checking", 0)
    assert requests_log.sent_again_after_stored() == []
    expected, _ = as_the_command_line(table, study)
    for role, columns in expected.items():
        assert_same_patients(opened_role(decryptor, batch, role), columns)


def test_first_answer_of_every_call_is_lost_and_the_batch_arrives_once(tab: Page, site: str, broker, tmp_path: Path):
    lost: set[tuple[str, str]] = set()

    def lose_once(route: Route) -> None:
        one = (route.request.method, urlsplit(route.request.url).path)
        if one in lost:
            route.continue_()
            return
        lost.add(one)
        route.fetch()  # the server does what it was asked; its answer is what gets lost
        route.abort("connectionreset")

    walk = Walk(tab, site).open()
    for pattern in ("**/api/v1/**", "**/*_worker.js", "**/*.wasm"):
        tab.context.route(pattern, lose_once)
    walk.check(write_csv(tmp_path / "patients.csv", cohort(1500))).confirm_report().send().arrived()
    assert {path.rsplit("/", 1)[1] for _, path in lost} >= {
        "public",
        "sender_worker.js",
        "cipher_worker.js",
        "seal_throws.wasm",
        "batches",
        "0",
        "complete",
    }
    assert (Batch.objects.count(), Batch.objects.get().state) == (1, "checking")
    assert AuditEvent.objects.filter(action__in=("batch.announced", "batch.checking")).count() == 2


def test_server_that_stays_away_is_said_and_trying_again_goes_on(tab: Page, site: str, broker, tmp_path: Path):
    tab.clock.install()
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "patients.csv", cohort(1500)))
    for box in tab.locator("#report-parts input[type=checkbox]").all():
        box.check()
    tab.context.route("**/api/v1/**", lambda route: route.abort("internetdisconnected"))
    tab.locator("#check-confirm").click()
    expect(tab.locator("#encryptor-waiting")).to_be_visible()
    for _ in range(8):
        tab.clock.fast_forward(21_000)
        tab.wait_for_timeout(200)
    assert text("browser.network").partition("; ")[0] in walk.problem("send")
    expect(tab.locator("#encryptor-waiting")).to_be_hidden()
    tab.context.unroute_all()
    tab.locator("#retry").click()
    expect(tab.locator("#send")).to_be_enabled()
    walk.send().arrived()


def begin_or_go_on(walk: Walk, table: Path) -> None:
    """The first time all four steps; later the file leads straight to the last one."""
    unfinished = walk.tab.locator("#unfinished h3").count() > 0
    if unfinished:
        walk.choose(table)
        expect(walk.tab.locator("#send")).to_be_enabled()
    else:
        walk.check(table).confirm_report()
    walk.send()


def wait_for_stored(page: Page, count: int) -> None:
    for _ in range(600):
        if Block.objects.filter(state="stored").count() >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{Block.objects.filter(state='stored').count()} blocks stored, waited for {count}")


def test_another_file_does_not_go_on_with_an_unfinished_batch(
    browser, site: str, coordinator: User, published, broker, tmp_path: Path
):
    rows = cohort(9000)
    table = write_csv(tmp_path / "patients.csv", rows)
    with cutting(urlsplit(site).port or 0, [], rate=12_000_000) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        context = signed_in(browser.new_context(), address, coordinator)
        page = context.new_page()
        begin_or_go_on(Walk(page, address).open(), table)
        wait_for_stored(page, 1)
        page.close()
        rows[5][1] = "99.9" if len(rows[5][1]) == 4 else "99.99"
        walk = Walk(context.new_page(), address).open()
        expect(walk.tab.locator("#unfinished h3")).to_contain_text("is not complete")
        walk.check(write_csv(table, rows)).confirm_report().send()
        assert "batch-0001" in walk.problem("send")
        walk.tab.reload()
        walk.tab.locator("#unfinished button").click()
        expect(walk.tab.locator("#unfinished h3")).to_have_count(0)
        context.close()
    assert Batch.objects.get().state == "withdrawn"


def test_pause_holds_and_goes_on(tab: Page, site: str, broker, requests_log: Requests, tmp_path: Path):
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "patients.csv", cohort(6000))).confirm_report()
    walk.send()
    tab.locator("#pause").click()
    expect(tab.locator("#send-state")).to_contain_text("Paused")
    held = -1
    while len(requests_log.pieces) > held:  # what was under way arrives
        held = len(requests_log.pieces)
        tab.wait_for_timeout(1500)
    assert Block.objects.exclude(state="stored").exists()
    tab.locator("#pause").click()
    walk.arrived()


def test_stop_withdraws_and_leaves_nothing_in_the_browser(tab: Page, site: str, broker, tmp_path: Path):
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "patients.csv", cohort(6000))).confirm_report().send()
    tab.locator("#pause").click()
    tab.locator("#stop").click()
    tab.locator("#stop-dialog button[value=stop]").click()
    expect(tab.get_by_text("The unfinished batch is withdrawn")).to_be_visible()
    walk.open()
    expect(tab.locator("#unfinished h3")).to_have_count(0)
    assert Batch.objects.get().state == "withdrawn"
    assert AuditEvent.objects.filter(action="batch.withdrawn", target="batch-0001").exists()


def test_replacement_withdraws_the_old_batch_when_it_is_sent(tab: Page, site: str, broker, tmp_path: Path):
    table = write_csv(tmp_path / "patients.csv", cohort(1500))
    Walk(tab, site).open().check(table).confirm_report().send().arrived()
    walk = Walk(tab, site).open("?replaces=batch-0001").check(table).confirm_report()
    assert Batch.objects.get(number=1).state == "checking"
    assert walk.send().arrived() == "batch-0002"
    assert Batch.objects.get(number=1).state == "withdrawn"


def test_same_patients_twice_are_refused_with_the_batch_named(tab: Page, site: str, broker, tmp_path: Path):
    table = write_csv(tmp_path / "patients.csv", cohort(1500))
    Walk(tab, site).open().check(table).confirm_report().send().arrived()
    walk = Walk(tab, site).open().check(table).confirm_report().send()
    assert "batch-0001" in walk.problem("send")


def test_key_that_the_study_does_not_show_is_refused(tab: Page, site: str, broker, tmp_path: Path):
    def forged(route) -> None:
        response = route.fetch()
        package = response.json()
        package["key"]["fingerprint"] = "00" * 32
        route.fulfill(response=response, json=package)

    tab.route("**/api/v1/study", forged)
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "patients.csv", cohort(200)))
    for box in tab.locator("#report-parts input[type=checkbox]").all():
        box.check()
    tab.locator("#check-confirm").click()
    assert "Call the custodian" in walk.problem("send")
    assert Batch.objects.count() == 0


def test_session_that_ended_says_so_and_goes_on_after_signing_in(
    tab: Page, site: str, broker, coordinator: User, tmp_path: Path
):
    table = write_csv(tmp_path / "patients.csv", cohort(1500))
    walk = Walk(tab, site).open().check(table).confirm_report()
    tab.context.clear_cookies(name="sessionid")
    walk.send()
    assert "sign in" in walk.problem("send").lower()
    signed_in(tab.context, site, coordinator)
    tab.locator("#retry").click()
    expect(tab.locator("#send")).to_be_enabled()
    walk.send().arrived()


def test_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(
    tab: Page, site: str, broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The bytes arrive and cannot be kept; the tab waits, says what for, and has them kept later."""
    room: list[bool] = []
    kept = uploads.store_file

    def store(path: Path, digest: str = "") -> Blob:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return kept(path, digest)

    monkeypatch.setattr(uploads, "store_file", store)
    walk = Walk(tab, site).open().check(write_csv(tmp_path / "patients.csv", cohort(1500))).confirm_report().send()
    expect(tab.locator("#encryptor-waiting")).to_contain_text("The server's disk is full.")
    room.append(True)
    walk.arrived()
    assert {block.state for block in Block.objects.all()} == {"stored"}
