"""Files that are whole or absent: what a full disk, a power cut and a second process do to them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hefed.core.errors import BadInput
from hefed.custodian.keeping import files
from hefed.custodian.keeping.files import private_directory, sole_user, write_private


class PowerCut(BaseException):
    """Not an Exception: nothing that handles errors may handle it."""


def cut(*_: object, **__: object) -> None:
    raise PowerCut


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---- one file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_written_file_is_its_owners_only_whatever_the_shell_allows(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_private(tmp_path / "file", b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_parts_are_written_in_order_and_nothing_else_stays(tmp_path: Path) -> None:
    write_private(tmp_path / "file", b"one", b"", b"two")
    assert (tmp_path / "file").read_bytes() == b"onetwo"
    assert names(tmp_path) == ["file"]


def test_a_file_that_others_could_read_is_theirs_no_more_once_it_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o644)
    write_private(tmp_path / "file", b"new")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("fault", [cut, full])
@pytest.mark.parametrize("step", ["fchmod", "fsync"])
def test_a_write_that_does_not_end_leaves_the_old_content_and_no_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: object
) -> None:
    write_private(tmp_path / "file", b"old")
    monkeypatch.setattr(files.os, step, fault)
    with pytest.raises((PowerCut, OSError)):
        write_private(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("fault", [cut, full])
def test_a_first_write_that_does_not_end_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: object
) -> None:
    monkeypatch.setattr(files.os, "fsync", fault)
    with pytest.raises((PowerCut, OSError)):
        write_private(tmp_path / "file", b"new")
    assert names(tmp_path) == []


def test_a_rename_that_fails_leaves_the_old_content_and_no_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "file", b"old")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_content_is_on_the_disk_before_its_name_is_and_the_name_before_the_call_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order in which a power cut may fall: file, name, directory."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        steps.append("name")
        return replace(path, target)

    monkeypatch.setattr(files.os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    write_private(tmp_path / "file", b"content")
    assert steps == ["file", "name", "directory"]


def test_a_link_to_another_file_is_replaced_and_the_other_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "file").symlink_to(tmp_path / "other")
    write_private(tmp_path / "file", b"content")
    assert not (tmp_path / "file").is_symlink()
    assert (tmp_path / "other").read_bytes() == b"other"


# ---- one directory ---------------------------------------------------------------------------------------------------


def test_a_directory_is_made_for_its_owner_only_with_those_above_it(tmp_path: Path) -> None:
    made = private_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_directory_that_others_could_enter_is_tightened(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    assert stat.S_IMODE(private_directory(tmp_path / "open").stat().st_mode) == 0o700


def test_a_file_in_the_place_of_a_directory_is_an_error_that_a_person_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    with pytest.raises(BadInput):
        private_directory(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"content"


# ---- one user --------------------------------------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from hefed.custodian.keeping.files import sole_user
with sole_user(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_turned_away_until_the_first_ends_however_it_ends(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(BadInput), sole_user(lock):
            pytest.fail("two users at once")
        first.kill()
    with sole_user(lock):
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_the_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(PowerCut), sole_user(tmp_path / "run.lock"):
        raise PowerCut
    with sole_user(tmp_path / "run.lock"):
        pass


def test_two_directories_have_two_users(tmp_path: Path) -> None:
    with sole_user(tmp_path / "one.lock"), sole_user(tmp_path / "two.lock"):
        assert names(tmp_path) == ["one.lock", "two.lock"]
