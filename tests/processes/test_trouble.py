"""Real processes of all parties: what killed ones change (nothing), and what leaves a hospital."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hefed.core.threshold.combine import encode_words
from hefed.core.threshold.shamir import lagrange, weighted_sum
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.holding import open_share
from tests.processes.troubled import MARKER_ID, MARKER_VALUE

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("study")
    done = subprocess.run(
        [sys.executable, "-m", "tests.processes.troubled", str(workdir)],
        cwd=ROOT,
        env=os.environ | {"HEFED_LEASE_SECONDS": "5", "HEFED_SWEEP_SECONDS": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return workdir, json.loads(done.stdout.splitlines()[-1])


def estimates(model: dict) -> np.ndarray:
    return np.array([one["estimate"] for one in model["coefficients"].values()])


def errors(model: dict) -> np.ndarray:
    return np.array([one["standard_error"] for one in model["coefficients"].values()])


def test_job_ends_with_the_same_coefficients_when_processes_are_killed(study):
    _, result = study
    assert result["events"] == [
        "worker child killed",
        "second hospital's agent killed for good",
        "lead restarted",
        "broker restarted",
        "whole worker killed and started again",
    ]
    difference = np.abs(estimates(result["calm"]) - estimates(result["troubled"])) / errors(result["calm"])
    assert difference.max() < 0.02


def test_the_two_hospitals_that_are_left_open_the_last_round(study):
    assert study[1]["opened_last"] == ["A", "C"]


def files_of(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_marker_value_is_nowhere_outside_its_hospital(study):
    workdir, _ = study
    needles = [MARKER_ID.encode(), str(MARKER_VALUE).encode(), struct.pack("<d", MARKER_VALUE)]
    assert MARKER_ID in (workdir / "tables" / "A.csv").read_text()
    outside = files_of(*(workdir / name for name in ("server", "custodians", "ceremony", "logs", "traffic")))
    assert sum(path.stat().st_size for path in outside) > 10e6
    assert holding(needles, outside) == []


def test_no_share_outside_its_hospital_and_the_whole_key_nowhere(study):
    """Pieces of every share are searched for as its vault holds it once opened, and pieces of what they add up to."""
    workdir, _ = study
    shares = [opened_share(workdir / "custodians" / name) for name in "ABC"]
    scheme = shares[0].scheme
    key = weighted_sum([share.words for share in shares[:2]], lagrange((1, 2), 0, scheme.prime), scheme.prime)
    needles = [piece for words in (key, *(share.words for share in shares)) for piece in pieces(scheme.profile, words)]
    assert holding(needles, files_of(workdir)) == []


def opened_share(folder: Path):
    vault = open_vault(Home(folder / "home").vault, (folder / "passphrase").read_text().strip())
    return open_share(vault)[1]


def pieces(ring, words: np.ndarray) -> list[bytes]:
    """As it would be written by SEAL and as a share is written."""
    text = encode_words(ring, words).encode()
    return [text[at : at + 40] for at in (256, len(text) // 2)] + [words[at : at + 4].tobytes() for at in (32, 2048)]


def holding(needles: list[bytes], paths: list[Path]) -> list[str]:
    return [str(path) for path in paths for data in [path.read_bytes()] if any(one in data for one in needles)]
