"""How the tree is built, in figures: ``python -m bench.structure``. Reads what git tracks and runs nothing."""

import ast
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PRODUCT = ("hefed", "hospitals", "training")
# A room and its tests, for the lines of test per line of code.
ROOMS = {
    "hefed/core/protocol": ("tests/protocol",),
    "hefed/core/ckks": ("tests/ckks",),
    "hefed/core/threshold": ("tests/core/threshold",),
    "hefed/core/learning": ("tests/learning",),
    "hefed/core/dictionary": ("tests/dictionary",),
    "hefed/core/words": ("tests/words", "tests/translation"),
    "hefed/encryptor": ("tests/encryptor",),
    "hefed/custodian": ("tests/custodian",),
}
LONGEST_MODULE = 400


@dataclass(frozen=True)
class Module:
    """One Python file of a folder: ``name`` is dotted, ``__init__`` stands for its package."""

    name: str
    text: str
    folder: Path

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def imported(self) -> Iterator[str]:
        """Every name that an import statement could mean: a module, or a module and a name in it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def function_lines(self) -> Iterator[int]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(["git", "ls-files", *patterns], capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in out.splitlines() if Path(line).exists()]


def modules(*folders: str) -> list[Module]:
    """The modules under these folders that hold anything, migrations left out."""
    paths = [path for folder in folders for path in tracked(f"{folder}/*.py") if "migrations" not in path.parts]
    found = [Module(_dotted(path), path.read_text(encoding="utf-8"), path.parent) for path in paths]
    return [module for module in found if module.text.strip()]


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def importers(product: list[Module]) -> dict[str, set[Module]]:
    """Who imports each module, by its name."""
    names = {module.name for module in product}
    found: dict[str, set[Module]] = defaultdict(set)
    for module in product:
        for name in module.imported():
            target = name if name in names else name.rpartition(".")[0]
            if target in names and target != module.name:
                found[target].add(module)
    return found


def single_importer_elsewhere(product: list[Module]) -> list[str]:
    """Modules that exactly one other module imports, and that one lies in another folder."""
    found = importers(product)
    single = [(module, found[module.name]) for module in product if len(found[module.name]) == 1]
    return [module.name for module, users in single if next(iter(users)).folder != module.folder]


def test_ratio(code: str, tests: tuple[str, ...]) -> tuple[int, int]:
    """Lines of code and of test, of which each is counted whole."""
    return sum(module.lines for module in modules(code)), sum(module.lines for module in modules(*tests))


def widest_template_line() -> int:
    lines = [line for path in tracked("templates/*.html") for line in path.read_text(encoding="utf-8").splitlines()]
    return max(map(len, lines))


def main() -> None:
    product = modules(*PRODUCT)
    functions = [lines for module in product for lines in module.function_lines()]
    single = single_importer_elsewhere(product)
    longest = max(product, key=lambda module: module.lines)
    print(f"modules of the product that hold anything: {len(product)}")
    print(f"modules with one importer, in another folder: {len(single)}")
    print(f"longest module: {longest.name}, {longest.lines} lines (limit {LONGEST_MODULE})")
    print(f"functions: median {statistics.median(functions):.0f} lines, longest {max(functions)}")
    print(f"widest line of a template: {widest_template_line()} characters")
    print("\nlines of test per line of code")
    for room, tests in ROOMS.items():
        code, test = test_ratio(room, tests)
        print(f"  {room:24} {code:6,} {test:6,}  {test / code if code else 0:.2f}")
    whole = sum(module.lines for module in product)
    test = sum(module.lines for module in modules("tests"))
    print(f"  {'the whole':24} {whole:6,} {test:6,}  {test / whole:.2f}")


if __name__ == "__main__":
    main()
