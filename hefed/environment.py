"""Settings from the environment. Secrets come from a file or a variable, have no default, are named when missing."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret(name: str) -> str:
    """The content of the file that ``name``_FILE points to, else the variable ``name``."""
    path = os.environ.get(f"{name}_FILE", "")
    value = _read(path, name) if path else os.environ.get(name, "")
    if not value.strip():
        raise ImproperlyConfigured(f"cannot start: {name} is not set; set {name} or {name}_FILE")
    return value.strip()


def _read(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(
            f"cannot start: {name}_FILE={path} cannot be read ({error.strerror}); point it at a readable file"
        ) from error


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in ("", "0", "1", "no", "yes", "false", "true"):
        raise ImproperlyConfigured(f"cannot start: {name}={value!r} is not a yes or no; use 1 or 0")
    return value in ("1", "yes", "true") if value else default


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdigit():
        raise ImproperlyConfigured(f"cannot start: {name}={value!r} is not a whole number; use digits only")
    return int(value) if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
