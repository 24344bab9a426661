"""Who may load what, checked by importing for real in a fresh interpreter with the forbidden modules blocked."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKED_IMPORT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r} or name in {blocked!r}:
            raise ImportError(f"{{name}} is blocked here")
sys.meta_path.insert(0, Blocked())
import importlib
for name in {modules!r}:
    importlib.import_module(name)
"""
FRAMEWORKS = {"django", "celery", "ninja", "hospitals", "training"}


def modules_under(*folders: str, without: frozenset[str] = frozenset()) -> list[str]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return [name for name in names if name not in without and not name.endswith("__main__")]


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False
    )


def import_with_blocked(modules: list[str], blocked: set[str]) -> subprocess.CompletedProcess[str]:
    return run_python(BLOCKED_IMPORT.format(blocked=blocked, modules=modules))


def test_pure_core_imports_without_framework_network_and_native_library():
    core = modules_under("hefed/core", without=frozenset({"hefed.core.ckks.backend"}))
    rest = {"hefed.encryptor", "hefed.custodian", "hefed.rehearsal", "hefed.front", "hefed.http", "hefed.settings"}
    result = import_with_blocked(core, FRAMEWORKS | rest | {"tenseal", "httpx", "redis", "requests", "tools", "bench"})
    assert result.returncode == 0, result.stderr


def test_pure_core_reaches_no_disk_and_no_network():
    """SEAL reads and writes ciphertexts through paths only: the backend alone keeps a file, in memory."""
    forbidden = {"os", "pathlib", "tempfile", "shutil", "socket", "urllib", "http", "sqlite3", "subprocess"}
    core = [path for path in sorted((ROOT / "hefed/core").rglob("*.py")) if path.name != "backend.py"]
    found = {(str(path.relative_to(ROOT)), name) for path in core for name in imported(path) & forbidden}
    assert found == set()


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    calls = {"open" for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open"}
    return {name.split(".")[0] for name in whole | parts} | ({"os"} if calls else set())


@pytest.mark.parametrize(
    ("program", "other"), [("hefed/encryptor", "hefed.custodian"), ("hefed/custodian", "hefed.encryptor")]
)
def test_program_of_one_party_imports_without_server_and_other_party(program: str, other: str):
    result = import_with_blocked(modules_under(program), FRAMEWORKS | {other})
    assert result.returncode == 0, result.stderr


def test_web_process_imports_without_native_library_and_other_parties():
    web = (
        "import django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "import hefed.wsgi; from django.core.checks import run_checks; run_checks(); "
        "import sys; loaded = [m for m in sys.modules if m.split('.')[0] == 'tenseal' or m.startswith("
        "('hefed.core.ckks.backend', 'hefed.custodian', 'hefed.encryptor', 'training.jobs.worker'))]; "
        "assert not loaded, loaded"
    )
    result = run_python(web, DJANGO_SETTINGS_MODULE="tests.settings")
    assert result.returncode == 0, result.stderr


def test_insecure_ring_is_unknown_to_product_code():
    result = run_python("from hefed.core.ckks.params import profile; profile('INSECURE_TEST_N12_L9')")
    assert "cannot use profile" in result.stderr


def test_product_code_never_registers_an_insecure_ring():
    callers = [
        str(path.relative_to(ROOT))
        for folder in ("hefed", "hospitals", "training", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if "register_insecure(" in path.read_text() and path.name != "params.py"
    ]
    assert callers == []
