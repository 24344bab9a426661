"""Something to tell a person, as a code and its facts: bounded, and the same in errors, messages and JSON fields."""

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias, Union

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

One: TypeAlias = Union[int, float, str, bool, "Said"]
Fact: TypeAlias = One | tuple[One, ...]

CODE = re.compile(r"[a-z0-9_.]{1,60}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_FACTS, MAX_ITEMS, MAX_TEXT, MAX_DEPTH = 20, 200, 4000, 4
EXACT = 1 << 53  # a browser holds whole numbers up to here


class Said:
    """A code of the catalogue and the facts that its words need: ``Said("pool.too_small", rows=5, minimum=100)``.

    Frozen and hashable. Facts beyond the bounds are cut, never refused: an error must not fail while it is made.
    """

    __slots__ = ("code", "facts")
    code: str
    facts: Mapping[str, Fact]

    def __init__(self, code: str, /, **facts: Fact) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "facts", MappingProxyType({name: _kept(fact) for name, fact in facts.items()}))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot set {name}: what is said does not change; make another")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.facts.items())))

    def __repr__(self) -> str:
        return f"Said({', '.join([repr(self.code), *(f'{name}={fact!r}' for name, fact in self.facts.items())])})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Said.from_json, (self.to_json(),)

    def to_json(self) -> dict[str, Any]:
        """Plain lists and dictionaries, for JSON: ``{"code": ..., "facts": {...}}``."""
        return {"code": self.code, "facts": {name: _plain(fact) for name, fact in self.facts.items()}}

    @classmethod
    def from_json(cls, value: object) -> "Said":
        """What another party sent or an earlier version stored, its code perhaps unknown; ValueError beyond bounds."""
        return _read(value, depth=1)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        reading = core_schema.no_info_plain_validator_function(lambda value: _read(value, depth=1))
        writing = core_schema.plain_serializer_function_ser_schema(cls.to_json)
        return core_schema.json_or_python_schema(reading, reading, serialization=writing)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        code = {"type": "string", "pattern": f"^{CODE.pattern}$"}
        return {
            "type": "object",
            "title": "Said",
            "properties": {"code": code, "facts": {"type": "object", "maxProperties": MAX_FACTS}},
            "required": ["code"],
            "additionalProperties": False,
        }


def _kept(fact: object) -> Fact:
    return tuple(_one(item) for item in fact[:MAX_ITEMS]) if isinstance(fact, tuple | list) else _one(fact)


def _one(fact: object) -> One:
    """One fact as it can travel: numbers that JSON or a browser cannot hold become their digits."""
    if isinstance(fact, Said | bool):
        return fact
    if isinstance(fact, int) and abs(fact) <= EXACT:
        return int(fact)
    if isinstance(fact, float) and math.isfinite(fact):
        return float(fact)
    text = str(fact)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _plain(fact: Fact) -> Any:
    if isinstance(fact, tuple):
        return [_plain(item) for item in fact]
    return fact.to_json() if isinstance(fact, Said) else fact


def _read(value: object, depth: int) -> Said:
    if isinstance(value, Said):
        return value
    if not isinstance(value, dict) or set(value) - {"code", "facts"}:
        raise ValueError("what is said has a code and facts, nothing else")
    code, facts = value.get("code"), value.get("facts", {})
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise ValueError("a code has 1 to 60 of a-z, 0-9, '_' and '.'")
    if not isinstance(facts, dict) or len(facts) > MAX_FACTS or depth > MAX_DEPTH:
        raise ValueError(f"facts are at most {MAX_FACTS} by name, nested at most {MAX_DEPTH} deep")
    return Said(code, **{_read_name(name): _read_fact(fact, depth) for name, fact in facts.items()})


def _read_name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError("the name of a fact has 1 to 40 of a-z, 0-9 and '_'")
    return name


def _read_fact(fact: object, depth: int) -> Fact:
    if not isinstance(fact, list | tuple):
        return _read_one(fact, depth)
    if len(fact) > MAX_ITEMS:
        raise ValueError(f"a fact lists at most {MAX_ITEMS} items")
    return tuple(_read_one(item, depth) for item in fact)


def _read_one(fact: object, depth: int) -> One:
    if isinstance(fact, dict | Said):
        return _read(fact, depth + 1)
    if not isinstance(fact, int | float | str) or (isinstance(fact, str) and len(fact) > MAX_TEXT):
        raise ValueError(
            f"a fact is a number, a truth value, something said, or a text of at most {MAX_TEXT} characters"
        )
    return fact
