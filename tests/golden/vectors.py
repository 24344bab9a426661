"""Golden vectors that Python writes and JavaScript must reproduce: ``python -m tests.golden.vectors`` writes them anew.

Small on purpose: each vector pins one rule of the contract between the two encryptors.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from hefed.core.ckks.params import OUTCOME_LEVEL, profile
from hefed.core.ckks.wire import pack_words, packed_bytes
from hefed.core.dictionary.values import classify
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol import envelope
from hefed.core.protocol.releases import ApproverKey, OpenedItem, Statement, manifest_digest
from hefed.core.protocol.uploads import (
    BatchManifest,
    BlockManifest,
    HoldoutRule,
    cohort_digest,
    is_held_out,
    patient_hash,
)
from hefed.encryptor.blocks import Reader, plan_blocks
from hefed.encryptor.check import Cause, Rules, check
from hefed.encryptor.table import Offsets
from tests.golden.words import words_vectors

FOLDER = Path(__file__).parent
SALT = "00112233445566778899aabbccddeeff"
ORDER_KEY = hashlib.sha256(b"the order of one batch").digest()
DICTIONARY = """name,label,role,kind,unit,levels,centre,scale,fill,indicator
pid,Pseudonymous id,id,,,,,,,
age,"Age, at admission",feature,continuous,years,,61,17.5,,
lactate,Lactate,feature,continuous,mmol/L,,2.1,1.9,1.4,yes
sex,성별,feature,binary,,여|남,,,,
shock,Shock,feature,binary,,,,,0,yes
site,Site,feature,categorical,,lung|colon|other,,,lung,yes
death,Died within 30 days,outcome,binary,,no|yes,,,,
"""
POINTS = {  # the generator of P-256 (FIPS 186-4) and its double
    "signing": {
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    },
    "agreement": {
        "x": "fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg",
        "y": "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E",
    },
}
IDS = ["1", "0001", " 0001 ", "patient-7", "홍길동", "\u1112\u1169\u11bc", "é", "e\u0301", "A" * 200, "42"]
CELLS = [
    *("", " ", "12", "-3.5", "1e3", "1,5", "1,234.5", "inf", "1e999", "2024-02-29", "29.02.1900", "12:30", "<0.5"),
    *("7 mg", "NA", "n/a", "-", "yes", "1.2.3", "0x1F"),
]


def vectors() -> dict[str, Any]:
    return {
        "profile": _profile(),
        "dictionary": _dictionary(),
        "cohort": _cohort(),
        "classes": {cell: classify(cell.strip()).code for cell in CELLS if cell.strip()},
        "packing": _packing(),
        "envelope": _envelope(),
        "manifest": _manifest(),
        "releases": _releases(),
        "words": words_vectors(),
    }


def _profile() -> dict[str, Any]:
    ring = profile("N14_L9")
    return {
        "primes": [str(prime) for prime in ring.primes],
        "parms_ids": [ring.parms_id(level).hex() for level in range(ring.max_level + 1)],
        "key_parms_id": ring.key_parms_id.hex(),
        "packed_bytes": [packed_bytes(ring, level) for level in range(ring.max_level + 1)],
        "outcome_level": OUTCOME_LEVEL,
    }


def _dictionary() -> dict[str, Any]:
    dictionary = DataDictionary.from_csv(DICTIONARY)
    return {
        "csv": dictionary.to_csv(),
        "digest": dictionary.digest,
        "columns": [[column.name, column.variable, column.kind, column.level] for column in dictionary.columns],
    }


def _cohort() -> dict[str, Any]:
    hashes = [patient_hash(SALT, one) for one in IDS]
    distinct = [patient_hash(SALT, f"patient {number}") for number in range(60)]
    plans = plan_blocks(distinct, HoldoutRule(salt=SALT, fraction=0.2), 16, ORDER_KEY)
    return {
        "salt": SALT,
        "ids": IDS,
        "hashes": [one.hex() for one in hashes],
        "held_out": [is_held_out(one, 0.2) for one in hashes],
        "order_key": ORDER_KEY.hex(),
        "digest": cohort_digest(distinct),
        "blocks": [[plan.role, plan.patients.tolist()] for plan in plans],
    }


def _packing() -> list[dict[str, Any]]:
    random = np.random.default_rng(7)
    found = []
    for bits in (36, 54, 60):
        words = random.integers(0, 2**bits, 32, np.uint64)
        words[:2] = (0, 2**bits - 1)
        packed = pack_words(words, bits).tobytes().hex()
        found.append({"bits": bits, "words": [str(word) for word in words], "packed": packed})
    return found


def _envelope() -> dict[str, Any]:
    label = envelope.Label("block", "demo", "N14_L9", "ab" * 32)
    meta = {"institution": "north", "dictionary_digest": "cd" * 32, "role": "train", "patients": 7, "index": 0}
    written = envelope.to_bytes(label, [b"first", b"second item"], meta)
    odd = {"b": [1, 2.5, None, True], "a": {"한글": "é\u007f\n", "A": "😀"}}
    return {
        "bytes": written.hex(),
        "sha256": hashlib.sha256(written).hexdigest(),
        "value": odd,
        "canonical": envelope.canonical_json(odd).decode(),
    }


def _releases() -> dict[str, Any]:
    points = {name: {"kty": "EC", "crv": "P-256", **coordinates} for name, coordinates in POINTS.items()}
    texts = {"table_one": r'{"pooled":{"n":1.0,"who":"\uc131\ubcc4 é\ud83d\ude00"}}', "coefficients": '{"b":-0.0125}'}
    items = [OpenedItem(item=name, salt=f"{at:064x}", text=text) for at, (name, text) in enumerate(texts.items(), 250)]
    commitments = [item.commitment() for item in items]
    key = ApproverKey.model_validate(points)
    digest = manifest_digest("demo", "job-0001", commitments)
    said = {"says": "approve", "study": "demo", "job": "job-0001", "release": "release-0001", "version": 3}
    statement = Statement.model_validate(
        said | {"digest": digest, "expires_on": "2027-01-31", "signer": key.fingerprint}
    )
    return {
        "key": points,
        "fingerprint": key.fingerprint,
        "items": [item.model_dump() for item in items],
        "commitments": [one.model_dump() for one in commitments],
        "digest": digest,
        "statement": envelope.canonical_json(statement.model_dump(mode="json")).decode(),
    }


def _manifest() -> dict[str, Any]:
    """``given``: what the twin in the browser is called with, but for the ring."""
    dictionary = DataDictionary.from_csv(DICTIONARY)
    ring = profile("N14_L9")
    columns = [column.name for column in dictionary.columns]
    facts = {"study": "demo", "institution": "north", "profile": ring.name, "dictionary_version": 3}
    facts |= {"dictionary_digest": dictionary.digest}
    blocks = [("train", 8192), ("train", 1000), ("holdout", 77)]
    items = [packed_bytes(ring, ring.max_level)] * len(columns) + [packed_bytes(ring, OUTCOME_LEVEL)]
    given: dict[str, Any] = {"fingerprint": "ab" * 32, "cohortDigest": "cd" * 32, "orderDigest": "ef" * 32}
    given |= {"study": facts, "columns": columns, "encryptor": "hefed.browser/golden"}
    given["blocks"] = [{"index": at, "role": role, "patients": n} for at, (role, n) in enumerate(blocks)]
    manifest = BatchManifest(
        **facts,
        key_fingerprint=given["fingerprint"],
        cohort_digest=given["cohortDigest"],
        patients=sum(patients for _, patients in blocks),
        columns=columns,
        blocks=[
            BlockManifest(index=at, role=role, patients=n, bytes=_block_bytes(facts, items, (at, role, n)))
            for at, (role, n) in enumerate(blocks)
        ],
        encryptor=given["encryptor"],
        order_digest=given["orderDigest"],
    )
    return {"given": given, "json": manifest.model_dump_json()}


def _block_bytes(facts: dict[str, Any], items: list[int], block: tuple[int, str, int]) -> int:
    """Size of a block's envelope: its header's length does not depend on the digest in it."""
    index, role, patients = block
    meta = {"institution": facts["institution"], "dictionary_digest": facts["dictionary_digest"], "role": role}
    meta |= {"patients": patients, "index": index}
    label = envelope.Label("block", facts["study"], facts["profile"], "ab" * 32)
    header = {"items": items, "payload_bytes": sum(items), "payload_sha256": "0" * 64, "meta": meta}
    text = envelope.canonical_json({**vars(label), **header})
    return envelope.PREFIX_BYTES + len(text) + sum(items)


TABLE = """pid;age;lactate;sex;shock;site;death;note
p1;61;2.1;여;0;lung;no;x
p2;200;;남;1;colon;yes;"a; quoted"
p3;-30;1.5;여;;;no;

p4;44.5;NA;남;0;other;yes;
p5;1,5;3;여;1.0;lung;no;
p6;50;2;여;2;lung;maybe;
p7;70;9e1;M;0;liver;no;
p8;70;2;여;0
p1;62;2.2;여;0;lung;no;
;63;2.2;여;0;lung;no;
p9;80;.5;\u1102\u1161\u11b7;1;colon;yes;last
"""


def table_vector(folder: Path) -> dict[str, Any]:
    """What the check makes of a small table: patients, columns, refused rows by cause, changed cells."""
    path = folder / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    dictionary = DataDictionary.from_csv(DICTIONARY)
    checked = check(path, Rules(dictionary, HoldoutRule(salt=SALT, fraction=0.2)))
    reader = Reader.of(dictionary, checked.table.header)
    encoded = reader.encode_valid(checked.table.gather(checked.spans))
    report = checked.report
    counts = {name: vars(one) for name, one in report.variables.items()}
    return {
        "csv": TABLE,
        "columns": encoded.columns.tolist(),
        "outcome": encoded.outcome.tolist(),
        "hashes": [one.hex() for one in checked.hashes],
        "cohort_digest": cohort_digest(checked.hashes),
        "rows": report.rows,
        "empty_rows": report.empty_rows,
        "patients": report.patients,
        "events": report.events,
        "holdout": report.holdout,
        "refused_rows": report.refused_rows,
        "causes": sorted(map(_cause, report.causes.items()), key=str),
        "counts": counts,
    }


def _cause(found: tuple[Cause, list[Offsets]]) -> list[Any]:
    cause, rows = found
    return [cause.column, cause.value_class.to_json(), cause.remedy.to_json(), np.concatenate(rows).tolist()]


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(folder: Path) -> None:
    for name, value in {**vectors(), "table": table_vector(folder)}.items():
        (FOLDER / f"{name}.json").write_text(text_of(value), encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
