"""Every import of the product is declared for the program that needs it, and nothing else is declared."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.test_trust_boundaries import ROOT

BUILD = ("catalogues", "vendor_assets", "vendor_encryptor", "vendor_releases")  # run by make setup only
PARTIES = ("encryptor", "custodian")
SHARED = ("core", "ckks", "learning", "protocol", "http")  # no program: counted for those that import them
# Loaded by a name in the settings, or by Django, Celery and storages when the settings ask for it.
BY_NAME = {"boto3", "django-storages", "psycopg", "redis", "whitenoise"}
INSTALLED = packages_distributions()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def declared(extra: str = "") -> set[str]:
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return {distribution(re.split(r"[\[<>=]", line)[0]) for line in lines}


def distribution(name: str) -> str:
    return name.lower().replace("_", "-")


def program(name: str) -> list[Path]:
    """The modules that a party or the server starts from."""
    if name in PARTIES:
        return list((ROOT / "hefed" / name).rglob("*.py"))
    everything = [path for top in ("hefed", "hospitals", "training") for path in (ROOT / top).rglob("*.py")]
    own = [path for path in everything if path.stem not in BUILD and not is_of_others(path)]
    return [ROOT / "manage.py", ROOT / "deploy" / "gunicorn.conf.py", *own]


def is_of_others(path: Path) -> bool:
    return path.relative_to(ROOT).parts[:2] in [("hefed", folder) for folder in (*PARTIES, *SHARED)]


@cache
def imported_by(name: str) -> frozenset[str]:
    return imported(program(name))


def imported(start: Iterable[Path]) -> frozenset[str]:
    """Distributions that these modules, and all modules of ours that they import, import."""
    seen: set[Path] = set()
    waiting, found = list(start), set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in names_in(path):
            waiting += own_modules(name)
            found |= distributions_of(name.split(".")[0])
    return frozenset(found)


def names_in(path: Path) -> Iterator[str]:
    """What a module imports when it runs, at its head or later."""
    tree = ast.parse(path.read_text())
    for_types = {one for node in ast.walk(tree) if is_for_types(node) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def own_modules(name: str) -> list[Path]:
    """The file of a module of ours, with the packages that it lies in; none for another's."""
    parts = name.split(".")
    places = [ROOT.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    candidates = [place / "__init__.py" for place in places] + [places[-1].with_suffix(".py")]
    return [path for path in candidates if path.is_file()]


def distributions_of(top: str) -> set[str]:
    if top in sys.stdlib_module_names or (ROOT / top).is_dir() or (ROOT / f"{top}.py").is_file():
        return set()
    return {distribution(name) for name in INSTALLED.get(top, [f"of module {top}, not installed"])}


@pytest.mark.parametrize("extra", [*PARTIES, "server"])
def test_program_declares_what_it_imports(extra: str):
    assert imported_by(extra) - declared() - declared(extra) == set()


@pytest.mark.parametrize("extra", [*PARTIES, "server"])
def test_program_declares_nothing_else(extra: str):
    by_name = BY_NAME if extra == "server" else set()
    assert declared(extra) - imported_by(extra) - by_name == set()


def test_base_is_what_all_programs_import():
    everywhere = frozenset.intersection(*(imported_by(extra) for extra in (*PARTIES, "server")))
    assert declared() == everywhere


def test_tests_and_measurements_declare_what_they_import():
    extras = ("", *PARTIES, "server", "build", "demo", "dev")
    folders = [path for top in ("bench", "tests") for path in (ROOT / top).rglob("*.py")]
    assert imported(folders) - set.union(*(declared(extra) for extra in extras)) == set()


@pytest.mark.parametrize(
    ("extras", "file"),
    [
        (("", *PARTIES, "server"), "requirements.txt"),
        (("build",), "requirements-build.txt"),
        (("demo",), "requirements-demo.txt"),
        (("dev",), "requirements-dev.txt"),
    ],
)
def test_what_is_declared_is_pinned(extras: tuple[str, ...], file: str):
    assert set.union(*(declared(extra) for extra in extras)) - pinned(file) == set()


def pinned(file: str) -> set[str]:
    """What pip installs from a file of requirements and from those that it names."""
    lines = (ROOT / file).read_text().splitlines()
    others = [pinned(line.removeprefix("-r ")) for line in lines if line.startswith("-r ")]
    return {distribution(line.split("==")[0]) for line in lines if "==" in line}.union(*others)


def test_server_runs_without_the_demonstrations_data_and_without_node():
    assert not re.search("survset|nodejs", (ROOT / "requirements.txt").read_text(), re.IGNORECASE)
