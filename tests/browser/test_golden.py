"""Python and JavaScript agree on every rule that both write down."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.golden.vectors import FOLDER, table_vector, text_of, vectors

pytestmark = pytest.mark.browser


def golden(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def of_the_page(cause: list[Any]) -> list[Any]:
    """What the page advises where the command line names an option instead."""
    column, value_class, remedy, rows = cause
    return [column, value_class, {**remedy, "code": remedy["code"].removesuffix("_page")}, rows]


def test_golden_vectors_are_what_python_computes_today(tmp_path: Path) -> None:
    for name, value in {**vectors(), "table": table_vector(tmp_path)}.items():
        written = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
        assert text_of(value) == written, f"run python -m tests.golden.vectors: {name} changed"


def test_facts_are_put_into_the_same_words(modules: Page) -> None:
    expected = golden("words")
    found = modules.evaluate(
        """async (cases) => {
        const { filled } = await import("/i18n/words.js");
        return cases.map(([words, facts, language]) => [words, facts, language, filled(words, facts, language)]);
    }""",
        expected,
    )
    assert found == expected


def test_profile_has_the_same_primes_identifiers_and_sizes(modules: Page) -> None:
    found = modules.evaluate("""async () => {
        const { profileOf, OUTCOME_LEVEL } = await import("/encryptor/profile.js");
        const { packedBytes } = await import("/encryptor/wire.js");
        const { toHex } = await import("/encryptor/bytes.js");
        const profile = profileOf("N14_L9");
        const levels = [...Array(profile.maxLevel + 1).keys()];
        return {
            primes: profile.primes.map(String),
            parms_ids: levels.map((level) => toHex(profile.parmsId(level))),
            key_parms_id: toHex(profile.keyParmsId()),
            packed_bytes: levels.map((level) => packedBytes(profile, level)),
            outcome_level: OUTCOME_LEVEL,
        };
    }""")
    assert found == golden("profile")


def test_dictionary_has_the_same_columns(modules: Page) -> None:
    expected = golden("dictionary")
    found = modules.evaluate(
        """async ({ csv, digest }) => {
        const { DataDictionary } = await import("/encryptor/dictionary.js");
        const dictionary = await DataDictionary.checked(csv, digest);
        return dictionary.columns.map(({ name, variable, kind, level }) => [name, variable, kind, level]);
    }""",
        expected,
    )
    assert found == expected["columns"]


def test_patients_have_the_same_hashes_holdout_cohort_and_order(modules: Page) -> None:
    expected = golden("cohort")
    found = modules.evaluate(
        """async ({ salt, ids, order_key }) => {
        const cohort = await import("/encryptor/cohort.js");
        const { DataDictionary } = await import("/encryptor/dictionary.js");
        const { PatientStore } = await import("/encryptor/store.js");
        const { fromHex, toHex } = await import("/encryptor/bytes.js");
        const hash = cohort.patientHasher(salt);
        const store = new PatientStore(new DataDictionary([]));
        for (let number = 0; number < 60; number += 1) {
            const { page, place } = store.next();
            page.hashes.set(hash(`patient ${number}`), 32 * place);
            page.usable[place] = 1;
        }
        const usable = Array.from(store.usableByHash(), (at) => store.hash(at));
        return {
            hashes: ids.map((id) => toHex(hash(id))),
            held_out: ids.map((id) => cohort.isHeldOut(hash(id), 0.2)),
            digest: cohort.cohortDigest(usable),
            blocks: store.plan(fromHex(order_key), 0.2, 16).map(({ role, patients }) => [role, Array.from(patients)]),
        };
    }""",
        expected,
    )
    assert found == {name: expected[name] for name in ("hashes", "held_out", "digest", "blocks")}


def test_cells_have_the_same_classes(modules: Page) -> None:
    expected = golden("classes")
    found = modules.evaluate(
        """async (cells) => {
        const { classify } = await import("/encryptor/values.js");
        return Object.fromEntries(cells.map((cell) => [cell, classify(cell.trim()).code]));
    }""",
        list(expected),
    )
    assert found == expected


def test_words_are_packed_to_the_same_bytes(modules: Page) -> None:
    for vector in golden("packing"):
        found = modules.evaluate(
            """async ({ bits, words }) => {
            const { packWords } = await import("/encryptor/wire.js");
            const { toHex } = await import("/encryptor/bytes.js");
            const pairs = new Uint32Array(new BigUint64Array(words.map(BigInt)).buffer);
            const out = new Uint32Array((words.length * bits) / 32);
            packWords(pairs, 0, words.length, bits, out);
            return toHex(new Uint8Array(out.buffer));
        }""",
            vector,
        )
        assert found == vector["packed"], vector["bits"]


def test_envelope_and_canonical_json_agree_to_the_byte(modules: Page) -> None:
    expected = golden("envelope")
    found = modules.evaluate(
        """async ({ value }) => {
        const { canonicalJson, closeBlock, openBlock } = await import("/encryptor/envelope.js");
        const { toHex } = await import("/encryptor/bytes.js");
        const label = { kind: "block", study: "demo", profile: "N14_L9", key_fingerprint: "ab".repeat(32) };
        const meta = { institution: "north", dictionary_digest: "cd".repeat(32), role: "train", patients: 7, index: 0 };
        const block = openBlock(label, [5, 11], meta);
        block.payload.set(new TextEncoder().encode("firstsecond item"));
        const sha256 = await closeBlock(block);
        return { bytes: toHex(block.envelope), sha256, canonical: canonicalJson(value) };
    }""",
        expected,
    )
    assert found == {name: expected[name] for name in ("bytes", "sha256", "canonical")}


def test_manifest_agrees_to_the_byte(modules: Page) -> None:
    expected = golden("manifest")
    found = modules.evaluate(
        """async ({ given }) => {
        const { batchManifest } = await import("/encryptor/manifest.js");
        const { profileOf } = await import("/encryptor/profile.js");
        return JSON.stringify(batchManifest({ ...given, profile: profileOf("N14_L9") }));
    }""",
        expected,
    )
    assert found == expected["json"]


def test_table_gives_the_same_columns_counts_and_refusals(modules: Page) -> None:
    expected = golden("table")
    found = modules.evaluate(
        """async ({ dictionary, salt, csv }) => {
        const { DataDictionary } = await import("/encryptor/dictionary.js");
        const { RecordFeed } = await import("/encryptor/csv.js");
        const { TableCheck } = await import("/encryptor/check.js");
        const { matchColumns } = await import("/encryptor/match.js");
        const { toHex } = await import("/encryptor/bytes.js");
        const checked = DataDictionary.fromCsv(dictionary);
        const feed = new RecordFeed(";");
        const records = [...feed.push(csv.slice(0, 50)), ...feed.push(csv.slice(50)), ...feed.end()];
        const header = records[0].cells;
        const table = new TableCheck({ dictionary: checked, salt, fraction: 0.2, width: header.length,
            places: matchColumns(checked.variables, header), missingWords: new Set(), style: "point" });
        table.add(records.slice(1), 2);
        const report = table.finish();
        const usable = [...Array(table.store.count).keys()].filter((at) => table.store.page(at).usable[at]);
        const columns = table.store.gather(Uint32Array.from(usable)).map((column) => Array.from(column));
        const variables = [...report.variables.values()].map((one) => one.summary());
        return {
            columns: columns.slice(0, -1), outcome: columns.at(-1), cohort_digest: table.cohortDigest(),
            hashes: usable.map((at) => toHex(table.store.hash(at))),
            rows: report.rows, empty_rows: report.emptyRows, patients: report.patients, events: report.events,
            holdout: report.holdout, refused: report.refusedRows,
            causes: [...report.causes.values()].map((one) => [one.column, one.valueClass, one.remedy, one.rows]),
            missing: Object.fromEntries(variables.map((one) =>
                [one.name, [one.missing, one.clippedLow + one.clippedHigh, one.refused]])),
        };
    }""",
        {"dictionary": golden("dictionary")["csv"], "salt": golden("cohort")["salt"], "csv": expected["csv"]},
    )
    assert found.pop("refused") == len(expected["refused_rows"])
    assert sorted(map(of_the_page, found.pop("causes")), key=str) == expected["causes"]
    counts = {name: [one["missing"], one["clipped"], one["refused"]] for name, one in expected["counts"].items()}
    assert found.pop("missing") == counts
    assert found == {name: expected[name] for name in found}


def test_release_has_the_same_fingerprint_commitments_digest_and_statement(modules: Page) -> None:
    expected = golden("releases")
    found = modules.evaluate(
        """async ({ key, items, statement }) => {
        const releases = await import("/releases/protocol.js");
        const { study, job, ...rest } = JSON.parse(statement);
        const commitments = await Promise.all(items.map(releases.commitment));
        const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
        const fingerprint = await releases.fingerprint(key);
        const jws = await releases.sign({ study, job, ...rest }, { fingerprint, signing: pair.privateKey });
        const payload = jws.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
        const digest = await releases.manifestDigest(study, job, commitments);
        return { fingerprint, commitments, digest, statement: atob(payload) };
    }""",
        expected,
    )
    assert found == {name: expected[name] for name in found}
    assert len(found) == 4
