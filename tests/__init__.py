"""The test suite. In a process that tests.words.reworded started, every message has other words."""

import os

if "HEFED_REWORDED" in os.environ:
    import tests.words.reworded  # noqa: F401
