"""One small study: real keys on the insecure ring, a dictionary with every kind of variable, and tables for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hefed.core.ckks.backend import Decryptor, Encryptor, generate_keys
from hefed.core.ckks.keys import EvaluationKeys, SecretKey
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol import envelope
from hefed.core.protocol.uploads import HoldoutRule, KeyInfo, StudyPackage
from hefed.encryptor.client import SealedStudy, Study, with_key
from tests.encryptor.server import TOKEN, StudyServer, serving
from tests.insecure import INSECURE_TEST_N12_L9

DICTIONARY = """name,label,role,kind,unit,levels,centre,scale,fill,indicator
pid,Patient,id,,,,,,,
age,Age,feature,continuous,years,,65,10,,
crp,CRP,feature,continuous,mg/L,,20,15,12.5,yes
sex,Sex,feature,binary,,F|M,,,F,
icu,ICU,feature,binary,,,,,,
cancer,Cancer,feature,categorical,,none|local|metastatic,,,none,yes
dead,Died,outcome,binary,,,,,,
"""
HEADER = "pid,age,crp,sex,icu,cancer,dead"


@pytest.fixture(scope="session")
def key_pair() -> tuple[SecretKey, EvaluationKeys]:
    return generate_keys(INSECURE_TEST_N12_L9)


@pytest.fixture(scope="session")
def decryptor(key_pair: tuple[SecretKey, EvaluationKeys]) -> Decryptor:
    return Decryptor(key_pair[0])


@pytest.fixture(scope="session")
def encryptor(key_pair: tuple[SecretKey, EvaluationKeys]) -> Encryptor:
    return Encryptor(key_pair[1].public)


@pytest.fixture(scope="session")
def public_key(key_pair: tuple[SecretKey, EvaluationKeys]) -> bytes:
    label = envelope.Label("public-key", "surgery", INSECURE_TEST_N12_L9.name)
    return envelope.to_bytes(label, [key_pair[1].public.public])


@pytest.fixture(scope="session")
def dictionary() -> DataDictionary:
    return DataDictionary.from_csv(DICTIONARY)


@pytest.fixture(scope="session")
def package(dictionary: DataDictionary, key_pair: tuple[SecretKey, EvaluationKeys]) -> StudyPackage:
    return StudyPackage(
        study="surgery",
        name="Surgery",
        institution="north",
        profile=INSECURE_TEST_N12_L9.name,
        dictionary_version=1,
        dictionary_digest=dictionary.digest,
        dictionary_csv=dictionary.to_csv(),
        holdout=HoldoutRule(salt="5a" * 16),
        key=KeyInfo(fingerprint=key_pair[1].fingerprint, published_at="2025-01-01T00:00:00Z"),
        max_block_bytes=100_000_000,
    )


@pytest.fixture(scope="session")
def sealed_study(package: StudyPackage, public_key: bytes) -> SealedStudy:
    return with_key(Study(package), public_key)


@pytest.fixture
def write_table(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: str, *, header: str = HEADER, encoding: str = "utf-8", name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(f"{header}\n{rows}".encode(encoding))
        return path

    return write


@pytest.fixture
def table(write_table: Callable[..., Path]) -> Path:
    """Forty valid patients that use every rule of the dictionary."""
    return write_table(patients(40))


def patients(count: int, first: int = 0) -> str:
    levels, sexes = ("none", "local", "metastatic", ""), ("F", "M", "")

    def row(n: int) -> str:
        crp = "" if n % 5 == 0 else n * 7 % 120
        return f"p{n},{40 + n * 1.25 % 55},{crp},{sexes[n % 3]},{n % 2},{levels[n % 4]},{n % 7 == 0:d}\n"

    return "".join(map(row, range(first, first + count)))


@pytest.fixture
def server(package: StudyPackage, public_key: bytes) -> Iterator[StudyServer]:
    with serving(StudyServer(package, public_key)) as hub:
        yield hub


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path
