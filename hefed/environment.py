"""Settings from the environment. Secrets come from a file or a variable, have no default, are named when missing."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from hefed.core.words import Said, language_of
from hefed.core.words import words as words_of


def secret(name: str) -> str:
    """The content of the file that ``name``_FILE points to, else the variable ``name``."""
    path = os.environ.get(f"{name}_FILE", "")
    value = _read(path, name) if path else os.environ.get(name, "")
    if not value.strip():
        raise _unusable(Said("server.setting_missing", name=name))
    return value.strip()


def _read(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise _unusable(
            Said("server.setting_file_unreadable", name=name, path=path, problem=error.strerror or "")
        ) from error


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in ("", "0", "1", "no", "yes", "false", "true"):
        raise _unusable(Said("server.setting_no_flag", name=name, value=repr(value)))
    return value in ("1", "yes", "true") if value else default


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdigit():
        raise _unusable(Said("server.setting_no_number", name=name, value=repr(value)))
    return int(value) if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _unusable(said: Said) -> ImproperlyConfigured:
    return ImproperlyConfigured(words_of(said, language_of(os.environ)))
