"""What the product says, read from its source: every code with its facts, and every sentence that is no code."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("hefed", "hospitals", "training", "bench")
TRANSLATORS = ("_", "gettext", "ngettext", "pgettext", "format")
JS_CODE = re.compile(r'\b(?:say|said|Problem)\(\s*"([^"]+)"')


@dataclass(frozen=True)
class Saying:
    """One call that says something. ``codes``: none where a finished sentence stands; ``facts``: none where unknown."""

    place: str
    codes: tuple[str, ...]
    facts: frozenset[str] | None

    @property
    def path(self) -> str:
        return self.place.partition(":")[0]


@cache
def trees() -> dict[str, ast.Module]:
    paths = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(paths)}


@cache
def sayings() -> list[Saying]:
    """All but those of the machinery, which handles codes that others say."""
    paths = [path for path in trees() if not path.startswith(("hefed/core/words/", "hefed/core/errors.py"))]
    return [one for path in paths for one in _sayings_in(path, trees()[path])]


@cache
def written() -> set[str]:
    """Every text constant of the product's Python, the catalogue apart, and every code that a script says."""
    outside = [tree for path, tree in trees().items() if not path.startswith("hefed/core/words/catalogue/")]
    nodes = (node for tree in outside for node in ast.walk(tree))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts | {code for codes in said_by_scripts().values() for code in codes}


def said_by_scripts() -> dict[str, set[str]]:
    """Codes by script; said means every text in quotation marks that ``say``, ``said`` or a Problem is given."""
    return {path: set(JS_CODE.findall(text)) for path, text in scripts().items()}


def sayings_of_scripts() -> list[Saying]:
    """Each code that a script says, with the names in the object behind it; none where there is no such object."""
    return [
        Saying(f"{path}:{text.count(chr(10), 0, found.start()) + 1}", (found[1],), _names(text[found.end() :]))
        for path, text in scripts().items()
        for found in JS_CODE.finditer(text)
    ]


@cache
def scripts() -> dict[str, str]:
    paths = [path for path in (ROOT / "static").rglob("*.js") if "vendor" not in path.parts]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def _names(behind: str) -> frozenset[str]:
    """The keys of the object with which a text begins: ``, { n, all: f(a, b) })`` has n and all."""
    opened = re.match(r"\s*,\s*\{", behind)
    depth, found, at_key = 1 if opened else 0, set(), True
    for piece in re.finditer(r"[({\[]|[)}\]]|,|\w+", behind[opened.end() if opened else 0 :]):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(piece[0], 0)
        if depth < 1:
            break
        if depth == 1 and at_key and piece[0].isidentifier():
            found.add(piece[0])
        at_key = depth == 1 and piece[0] == ","
    return frozenset(found)


@cache
def error_classes() -> dict[str, bool]:
    """Names of the product's own errors; true where the class makes its code itself, from other arguments."""
    classes = [node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {"HEFedError": False, "PolicyRefused": False}
    for _ in range(5):  # deeper than any branch of the tree
        for one in classes:
            if one.name not in found and any(_last_name(base) in found for base in one.bases):
                found[one.name] = any(
                    isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in one.body
                )
    return found


def _sayings_in(path: str, tree: ast.Module) -> Iterator[Saying]:
    own_codes = [one for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and error_classes().get(one.name)]
    makers = [call for one in own_codes for call in ast.walk(one) if isinstance(call, ast.Call) and _is_super(call)]
    told = {"Said", *(name for name, makes_its_code in error_classes().items() if not makes_its_code)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _last_name(node.func) in told]
    for call in (*makers, *calls):
        if call.args and not _is_said(call.args[0]):
            yield Saying(f"{path}:{call.lineno}", _codes(call.args[0]), _facts(call))


def _is_super(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "super().__init__"


def _is_said(node: ast.expr) -> bool:
    """Something that was said elsewhere: ``error.said``, a variable ``said``, what a function made."""
    if isinstance(node, ast.Call):
        return _last_name(node.func) not in TRANSLATORS
    return isinstance(node, ast.Name | ast.Attribute) and _last_name(node).endswith("said")


def _codes(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.IfExp):
        return (*_codes(node.body), *_codes(node.orelse))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
        return (node.value,)
    return ()


def _facts(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
