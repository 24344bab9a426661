"""Who may load what, checked by importing for real in a fresh interpreter with the forbidden modules blocked."""

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


def test_pure_core_imports_without_framework_and_native_library():
    core = modules_under(
        "hefed/core", "hefed/learning", "hefed/ckks", "hefed/protocol", without=frozenset({"hefed.core.ckks.backend"})
    )
    result = import_with_blocked([*core, "hefed.core.dictionary.variables"], FRAMEWORKS | {"tenseal"})
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("program", "other"), [("hefed/encryptor", "hefed.custodian"), ("hefed/custodian", "hefed.encryptor")]
)
def test_program_of_one_party_imports_without_server_and_other_party(program: str, other: str):
    result = import_with_blocked(modules_under(program), FRAMEWORKS | {other})
    assert result.returncode == 0, result.stderr


def test_http_client_imports_without_any_party():
    result = import_with_blocked(["hefed.http.client"], FRAMEWORKS | {"hefed.encryptor", "hefed.custodian", "tenseal"})
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
    asked = "from hefed.core.ckks.params import profile\nfrom hefed.core.errors import BadInput\n"
    code = f"{asked}try:\n    profile('INSECURE_TEST_N12_L9')\nexcept BadInput as error:\n    print(error.code)"
    assert run_python(code).stdout.split() == ["ckks.profile_unknown"]


def test_product_code_never_registers_an_insecure_ring():
    callers = [
        str(path.relative_to(ROOT))
        for folder in ("hefed", "hospitals", "training", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if "register_insecure(" in path.read_text() and path.name != "params.py"
    ]
    assert callers == []
