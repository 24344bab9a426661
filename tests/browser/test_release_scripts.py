"""The scripts of the release pages against Python's protocol: keys, signatures, previews, and what they refuse."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page

from hefed.core.protocol.releases import (
    ApproverKey,
    OpenedItem,
    PreviewContent,
    Statement,
    commit,
    encrypt_preview,
    manifest_digest,
    verify,
)
from hefed.core.protocol.results import Metrics
from hefed.core.words import Said, words
from tests.words.raises import text

pytestmark = pytest.mark.browser
STUDY, JOB, RELEASE = "trial", "job-0001", "release-0001"
MAKE = """async () => {
    const { keep, newKey } = await import("/releases/key_store.js");
    const own = await newKey("7");
    await keep(own);
    return own.key;
}"""
CHECK = """async ({ fingerprint, jwe, statement, commitments }) => {
    const { ownKey } = await import("/releases/key_store.js");
    const { openPreview, sign } = await import("/releases/protocol.js");
    const { checkPreview } = await import("/releases/check.js");
    const own = await ownKey("7", fingerprint);
    try {
        const content = await openPreview(jwe, own.agreement);
        const items = await checkPreview(content, statement, commitments);
        return { notes: content.notes, texts: items.map(({ text }) => text), jws: await sign(statement, own) };
    } catch (error) {
        return { name: error.name, said: error.said };
    }
}"""


@dataclass
class Case:
    """A preview for the key in the browser and what the page says of it; a test changes one thing."""

    key: ApproverKey
    items: list[OpenedItem]

    @property
    def digest(self) -> str:
        return manifest_digest(STUDY, JOB, [item.commitment() for item in self.items])

    def preview(self, **changes: Any) -> str:
        fields = {"study": STUDY, "release": RELEASE, "version": 1, "digest": self.digest, "items": self.items}
        content = PreviewContent.model_validate(fields | {"notes": ["counts of 1 to 7 suppressed"]} | changes)
        return encrypt_preview(content, self.key).jwe

    def statement(self, **changes: Any) -> dict[str, Any]:
        fields = {"format": "hefed-release/1", "says": "approve", "study": STUDY, "job": JOB, "release": RELEASE}
        return fields | {"version": 1, "digest": self.digest, "expires_on": "2027-01-31"} | changes

    def opened(self, page: Page, **changes: Any) -> dict[str, Any]:
        commitments = [item.commitment().model_dump() for item in self.items]
        facts = {"fingerprint": self.key.fingerprint, "jwe": self.preview(), "statement": self.statement()}
        found: dict[str, Any] = page.evaluate(CHECK, facts | {"commitments": commitments} | changes)
        return found


def damaged(jwe: str) -> str:
    """One character in the middle of the ciphertext is another."""
    at = len(jwe) // 2
    return jwe[:at] + ("A" if jwe[at] != "A" else "B") + jwe[at + 1 :]


@pytest.fixture
def case(modules: Page) -> Case:
    key = ApproverKey.model_validate(modules.evaluate(MAKE))
    return Case(key, [commit("metrics", {"pooled": {"auroc": 0.75}}), commit("coefficients", {"age": 1.0})])


def test_preview_is_opened_checked_and_signed_with_a_key_that_cannot_be_read_out(modules: Page, case: Case) -> None:
    found = case.opened(modules)

    assert found["texts"] == [item.text for item in case.items]
    assert found["notes"] == ["counts of 1 to 7 suppressed"]
    statement = verify(found["jws"], case.key)
    assert statement == Statement.model_validate(case.statement() | {"signer": case.key.fingerprint})
    assert statement.expires_on == date(2027, 1, 31)
    readable = modules.evaluate(
        """async (fingerprint) => {
        const { ownKey } = await import("/releases/key_store.js");
        const own = await ownKey("7", fingerprint);
        const read = (key) => crypto.subtle.exportKey("jwk", key).then(() => "read", (error) => error.name);
        return [await read(own.signing), await read(own.agreement), await ownKey("8", fingerprint)];
    }""",
        case.key.fingerprint,
    )
    assert readable == ["InvalidAccessError", "InvalidAccessError", None]


def test_what_is_not_as_promised_is_never_signed(modules: Page, case: Case) -> None:
    other = [commit("metrics", {"pooled": {"auroc": 0.99}}), case.items[1]]
    lie = manifest_digest(STUDY, JOB, [item.commitment() for item in other])
    promised = [item.commitment().model_dump() for item in case.items]
    refused = {
        "other numbers": case.opened(modules, jwe=case.preview(items=other)),
        "numbers and commitments exchanged, digest not": case.opened(
            modules,
            jwe=case.preview(items=other),
            commitments=[item.commitment().model_dump() for item in other],
        ),
        "an item left out": case.opened(modules, jwe=case.preview(items=case.items[:1])),
        "an item twice": case.opened(modules, jwe=case.preview(items=[case.items[0]] * 2)),
        "digest of something else to sign": case.opened(modules, statement=case.statement(digest=lie)),
        "another job": case.opened(modules, statement=case.statement(job="job-0002")),
        "another release": case.opened(modules, jwe=case.preview(release="release-0002")),
        "changed on its way": case.opened(modules, jwe=damaged(case.preview())),
        "fewer commitments": case.opened(modules, commitments=promised[:1]),
    }
    whys = {name: found["said"]["facts"].get("why", found["said"])["code"] for name, found in refused.items()}
    assert whys == {
        "other numbers": "browser.preview_item",
        "numbers and commitments exchanged, digest not": "browser.preview_digest",
        "an item left out": "browser.preview_count",
        "an item twice": "browser.preview_twice",
        "digest of something else to sign": "browser.preview_digest",
        "another job": "browser.preview_digest",
        "another release": "browser.preview_release",
        "changed on its way": "browser.preview_sealed",
        "fewer commitments": "browser.preview_count",
    }


def test_preview_of_an_earlier_version_says_so(modules: Page, case: Case) -> None:
    found = case.opened(modules, statement=case.statement(version=2))

    assert found["said"] == {"code": "browser.preview_version", "facts": {"old": 1, "version": 2}}


DRAW = """async ({ text, notes }) => {
    const { drawPreview } = await import("/releases/draw_preview.js");
    const place = document.createElement("div");
    const item = { item: "metrics", text, sha256: "0".repeat(64) };
    drawPreview(place, [item], notes, { hospitals: [], columns: {}, outcome: "Death" });
    return [place.querySelector(".preview-notes").textContent, place.querySelector("table").textContent];
}"""


def test_reasons_of_a_preview_are_words_and_those_of_earlier_versions_stay_as_they_are(modules: Page) -> None:
    hidden = dict.fromkeys(Metrics.model_fields)
    metrics = {
        "jeju": Metrics.model_validate(hidden | {"suppressed": Said("disclosure.few_held_out", minimum=20)}),
        "old": Metrics.model_validate(hidden | {"suppressed": "suppressed: 9 or fewer"}),
    }
    content = json.dumps({name: one.model_dump(mode="json") for name, one in metrics.items()})
    note = Said("releases.note_of_metrics", scope="jeju", why=Said("disclosure.small", small_cell=7))

    notes, table = modules.evaluate(DRAW, {"text": content, "notes": [note.to_json(), "counts of 1 to 9 suppressed"]})

    assert words(note) in notes and "counts of 1 to 9 suppressed" in notes
    assert text("disclosure.few_held_out", minimum=20) in table and "suppressed: 9 or fewer" in table
