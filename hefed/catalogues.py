"""Compile the catalogues of translations: ``python -m hefed.catalogues`` (``make setup`` runs it).

``babel compile`` would do, but it takes the "% i" of "95 % interval" for a placeholder; tests/translation checks those.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def main() -> None:
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(text))


if __name__ == "__main__":
    main()
