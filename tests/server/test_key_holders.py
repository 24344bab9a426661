"""A rehearsal with a shared key: the hospitals' programs are called so that they end up with shares that open."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hefed.custodian.__main__ import app
from hefed.custodian.store import Home
from hefed.custodian.threshold.holding import open_share
from hefed.custodian.threshold.lead import notice_of
from hefed.custodian.vault import open_vault
from hefed.stack import Program, ServerConfig
from training.rehearsal.key_holders import Hospitals
from training.rehearsal.parties import CeremonyParty, ShareParty

PROFILE = "INSECURE_TEST_N12_L9"


class InProcess:
    """Runs the custodian's commands here instead of in a process each."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.started: list[str] = []

    def run(self, program: Program) -> str:
        words = list(program.argv[program.argv.index("hefed.custodian") + 1 :])
        self.ran.append(words[0])
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return result.output

    def start(self, program: Program) -> None:
        self.started.append(program.name)


@pytest.fixture
def hospitals(tmp_path: Path) -> Hospitals:
    server = ServerConfig(folder=tmp_path / "server", port=9, broker_port=9, workers=1)
    parties = [ShareParty(name, tmp_path / "custodian", ("python", "-m"), server) for name in ("a", "b", "c")]
    return Hospitals(parties, CeremonyParty("ceremony", tmp_path / "ceremony", ("python", "-m"), server), 2)


def test_every_hospital_holds_a_share_the_first_leads_and_a_repeat_keeps_the_key(hospitals: Hospitals):
    group: Any = InProcess()

    hospitals.make_keys(group, "rehearsal", PROFILE)
    hospitals.start(group)

    homes = [Home(party.home) for party in hospitals.parties]
    opened = [
        open_share(open_vault(h.vault, p.passphrase.read_text())) for h, p in zip(homes, hospitals.parties, strict=True)
    ]
    assert [share.point for _, share in opened] == [1, 2, 3]
    assert len({sharing.digest for sharing, _ in opened}) == 1
    assert [notice_of(home).lead for home in homes] == [1, 1, 1]
    assert 'release = "automatic"' in homes[1].policy.read_text()
    assert group.started == ["custodian-a", "custodian-b", "custodian-c"]
    again: Any = InProcess()
    hospitals.make_keys(again, "rehearsal", PROFILE)
    assert "card" not in again.ran and "ceremony" not in again.ran
