"""What the encryptor in the browser takes from npm, as plain ES modules that a page can load without a bundler.

Three small changes on the way, each because there is no bundler: Papa Parse becomes a module, the bare name ``fflate``
becomes a path, and fflate is called synchronously (its workers are made from blobs, which our policy forbids, and we
are in a worker anyway).
"""

import re
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

_HASHES = ("sha2", "hmac", "blake2", "_md", "_u64", "_blake", "utils")
_SEAL = ("index_throws.js", "seal_throws.js", "seal_throws.wasm")
_XLSX_ENTRY = "export/readSheetUniversal.js"
_UNZIP = "encryptor/unzip.js"
_IMPORT = re.compile(r"""^((?:import|export)\b[^;]*?from\s+)['"]([^'"]+)['"]""", re.MULTILINE)


def fill(modules: Path, vendor: Path) -> None:
    """Copy everything below ``vendor``; ``modules`` is npm's folder."""
    for name in _HASHES:
        _write(vendor / "noble" / f"{name}.js", _text(modules / "@noble/hashes" / f"{name}.js"))
    for name in _SEAL:
        (vendor / "seal").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / "node-seal/dist" / name, vendor / "seal" / name)
    _write(vendor / "fflate.js", _text(modules / "fflate/esm/browser.js"))
    _write(vendor / "papaparse.js", _as_module(_text(modules / "papaparse/papaparse.min.js")))
    copy_tree(modules / "read-excel-file/modules", vendor / "xlsx", [_XLSX_ENTRY])


def _as_module(script: str) -> str:
    """A script that looks for CommonJS finds it, and its export becomes the module's."""
    before = "const module = { exports: {} };\nconst exports = module.exports;\n"
    return f"{before}{script}\nexport default module.exports;\n"


def copy_tree(source: Path, target: Path, entries: Sequence[str]) -> None:
    """The entries and all that they import, directly or not."""
    waiting, seen = list(entries), set(entries)
    while waiting:
        name = waiting.pop()
        text = _text(source / name)
        _write(target / name, _IMPORT.sub(partial(_rewritten, up="../" * (name.count("/") + 2)), text))
        found = {_resolved(source, name, path) for _, path in _IMPORT.findall(text) if path.startswith(".")}
        waiting.extend(found - seen)
        seen |= found


def _rewritten(found: re.Match[str], *, up: str) -> str:
    path = found[2] if found[2].startswith(".") else up + {"fflate": _UNZIP}[found[2]]
    return f"{found[1]}'{path}'"


def _resolved(root: Path, name: str, path: str) -> str:
    return str((root / name).parent.joinpath(path).resolve().relative_to(root.resolve()))


def _text(path: Path) -> str:
    return re.sub(r"//# ?sourceMappingURL=\S+", "", path.read_text(encoding="utf-8"))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
