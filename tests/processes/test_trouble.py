"""Real processes of all parties: what killed ones change (nothing), and what leaves a hospital."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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
        "custodian restarted",
        "broker restarted",
        "whole worker killed and started again",
    ]
    difference = np.abs(estimates(result["calm"]) - estimates(result["troubled"])) / errors(result["calm"])
    assert difference.max() < 0.005


def files_of(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_marker_value_is_nowhere_outside_its_hospital(study):
    workdir, _ = study
    needles = [MARKER_ID.encode(), str(MARKER_VALUE).encode(), struct.pack("<d", MARKER_VALUE)]
    assert MARKER_ID in (workdir / "tables" / "A.csv").read_text()
    outside = files_of(workdir / "server", workdir / "custodian", workdir / "logs", workdir / "traffic")
    assert sum(path.stat().st_size for path in outside) > 10e6
    found = [str(path) for path in outside for data in [path.read_bytes()] if any(needle in data for needle in needles)]
    assert found == []


def test_no_secret_key_outside_the_custodian(study):
    """Pieces of the key are searched for as the vault holds it once opened."""
    from hefed.custodian.store import Home
    from hefed.custodian.vault import open_vault

    workdir, _ = study
    passphrase = (workdir / "custodian/passphrase").read_text().strip()
    vault = open_vault(Home(workdir / "custodian/home").vault, passphrase)
    middle = len(vault.secret_key) // 2
    needles = [vault.secret_key[at : at + 32] for at in (256, middle, len(vault.secret_key) - 64)]
    outside = files_of(workdir / "server", workdir / "logs", workdir / "traffic", workdir / "hospitals")
    found = [str(path) for path in outside for data in [path.read_bytes()] if any(one in data for one in needles)]
    assert found == []
