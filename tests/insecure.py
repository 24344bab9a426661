"""The small ring of the test suite, and ``python -m tests.insecure MODULE ...`` to run a module with it."""

import runpy
import sys

from hefed.core.ckks.params import Profile, register_insecure

INSECURE_TEST_N12_L9 = Profile("INSECURE_TEST_N12_L9", 4096, (54,) + (36,) * 9 + (60,), 36)


def register() -> None:
    register_insecure(INSECURE_TEST_N12_L9)


if __name__ == "__main__":
    register()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
