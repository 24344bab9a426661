"""CPU of one packed ciphertext: words read from native memory against SEAL's save. ``python -m bench.packing``."""

import time
from collections.abc import Callable

import numpy as np

from hefed.core.ckks import backend, seal_stream, wire
from hefed.core.ckks.params import profile
from hefed.core.ckks.wire import Shape

REPEATS = 20


def main() -> None:
    ring = profile("N14_L9")
    _, keys = backend.generate_keys(ring)
    encryptor = backend.Encryptor(keys.public)
    column = np.random.default_rng(1).normal(size=ring.slots)

    def by_save() -> bytes:
        saved = backend._saved(encryptor.encrypt(column, ring.max_level))
        return wire.pack(ring, seal_stream.read_ciphertext(ring, saved, Shape(ring.max_level)))

    print(f"encrypt only      {_cpu_ms(lambda: encryptor.encrypt(column, ring.max_level)):.1f} ms CPU")
    print(f"packed, by save   {_cpu_ms(by_save):.1f} ms CPU")
    print(f"packed, by memory {_cpu_ms(lambda: encryptor.packed(column, ring.max_level)):.1f} ms CPU")


def _cpu_ms(step: Callable[[], object]) -> float:
    step()
    samples = []
    for _ in range(REPEATS):
        started = time.process_time()
        step()
        samples.append(time.process_time() - started)
    return float(np.median(samples)) * 1e3


if __name__ == "__main__":
    main()
