"""Reads a native ciphertext's words straight from memory, where the binding's layout is known (docs/adr/0104).

SEAL's ``save`` compresses without a choice; inflating again doubles the cost of every encryption. The binding gives no
buffer, so the address is taken from the wrapper object. That is done only for the pinned binding on CPython, only after
a probe on a live object has shown the layout, and each read checks the sizes that SEAL reports against those in memory.
Standard library and NumPy only.
"""

import ctypes
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

KNOWN_VERSION = "0.3.18"  # of tenseal
_WRAPPED_POINTER = 16  # pybind11: reference count, type, then the pointer to the wrapped object
_CAPACITY, _SIZE, _DATA = 2, 3, 4  # words of SEAL's DynArray behind its pool handle (two words)
_PROBES = 32
Words = npt.NDArray[np.uint64]


def is_known(version: str) -> bool:
    """Whether this interpreter and this binding are the ones whose layout was read."""
    return version == KNOWN_VERSION and sys.implementation.name == "cpython" and ctypes.sizeof(ctypes.c_void_p) == 8


def read(array: Any, expected: int) -> Words | None:
    """A copy of a DynArray's ``expected`` words, or None when memory does not say what SEAL says."""
    pointer = ctypes.c_void_p.from_address(id(array) + _WRAPPED_POINTER).value
    if not pointer:
        return None
    fields = (ctypes.c_uint64 * 5).from_address(pointer)
    if fields[_SIZE] != array.size() or fields[_CAPACITY] != array.capacity() or fields[_SIZE] != expected:
        return None
    return np.ctypeslib.as_array((ctypes.c_uint64 * expected).from_address(fields[_DATA])).copy()


def agrees(array: Any, expected: int) -> bool:
    """The probe: words read from memory equal those that the binding hands out one by one."""
    words = read(array, expected)
    places = np.linspace(0, expected - 1, _PROBES).astype(int).tolist()
    return words is not None and all(int(words[at]) == array.at(at) for at in places)
