"""Every text of the pages has a Korean one with the same placeholders."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/ko/LC_MESSAGES/django.po"
FUNCTIONS = ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy")
WITH_CONTEXT = ("pgettext", "pgettext_lazy", "npgettext")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|(?<![{%])\{\w+\}")


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def english(message: Message) -> str:
    """The form for many: Korean has only that one."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def korean(message: Message) -> str:
    return message.string if isinstance(message.string, str) else message.string[0]


def in_use(path: Path) -> Iterator[tuple[str, str]]:
    """Context and text of every call in a module or a template; of plural forms the first."""
    source = path.read_text()
    code = source if path.suffix == ".py" else "\n".join(map(str.strip, templatize(source).splitlines()))
    for _line, name, found, _comments in extract_python(io.BytesIO(code.encode()), FUNCTIONS + WITH_CONTEXT, [], {}):
        texts = [found] if isinstance(found, str) else [text for text in found or () if text is not None]
        if texts:
            yield (texts[0], texts[1]) if name in WITH_CONTEXT else ("", texts[0])


def sources() -> list[Path]:
    modules = [path for app in ("hefed", "hospitals", "training") for path in (ROOT / app).rglob("*.py")]
    return [*modules, *(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]


def test_every_text_is_in_the_catalogue():
    known = {
        (message.context or "", message.id if isinstance(message.id, str) else message.id[0]) for message in messages()
    }
    missing = {text for path in sources() for text in in_use(path) if text not in known}

    assert not missing, "run `make messages`, then translate (docs/translation.md)"


def test_every_text_is_translated():
    assert [message.id for message in messages() if not korean(message) or message.fuzzy] == []


def test_translations_keep_the_placeholders():
    def placeholders(text: str) -> Counter[str]:
        return Counter(set(PLACEHOLDER.findall(text)))

    wrong = [m.id for m in messages() if not placeholders(korean(m)) <= placeholders(english(m))]
    lost = [m.id for m in messages() if isinstance(m.id, str) and placeholders(m.id) != placeholders(korean(m))]

    assert (wrong, lost) == ([], [])


def test_translations_keep_the_mark_up():
    def tags(text: str) -> Counter[str]:
        return Counter(re.findall(r"</?\w+[^<>]*>", text))

    assert [m.id for m in messages() if tags(english(m)) != tags(korean(m))] == []


def test_korean_is_polite_and_uses_the_glossary():
    """Statements end in -습니다 and requests in -세요; no plain style, and one word for each concept."""
    plain = re.compile(r"(?<![니습됩합입])(다|라|해라)\.(\s|$)")
    banned = ("익명", "동형 암호", "오즈 비", "커스터디언", "홀드 아웃")

    assert [m.id for m in messages() if plain.search(korean(m))] == []
    assert [m.id for m in messages() if any(word in korean(m) for word in banned)] == []
