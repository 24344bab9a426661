"""Write the catalogues that are built, not kept: ``python -m tools.catalogues`` (``make setup`` runs it).

The compiled translations of the pages (``babel compile`` would do, but it takes the "% i" of "95 % interval" for a
placeholder; tests/translation checks those), and for scripts of pages the words of codes: static/i18n/catalogue.
"""

import json
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from hefed.core.words.catalogue import BROWSER_AREAS, LEGACY_ENTRY
from hefed.core.words.rendering import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
FOR_SCRIPTS = ROOT / "static" / "i18n" / "catalogue"


def main() -> None:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(text))
    FOR_SCRIPTS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (FOR_SCRIPTS / f"{language}.js").write_text(_script(language), encoding="utf-8")


def _script(language: str) -> str:
    """The words of codes that scripts of pages may have to say, as a module."""
    entries = (LEGACY_ENTRY, *(one for area in BROWSER_AREAS for one in area.ENTRIES))
    table = json.dumps({one.code: one.words(language) for one in entries}, ensure_ascii=False, indent=2)
    return (
        f"// Written by python -m tools.catalogues.\n/** @type {{Record<string, string>}} */\nexport default {table};\n"
    )


if __name__ == "__main__":
    main()
