"""Settings of the test suite: the product's settings, with the insecure ring known to every process that loads them."""

import os
import sys

os.environ.setdefault("HEFED_SECRET_KEY", "a key that only the test suite uses")

from hefed.settings import *  # noqa: E402, F403

from tests import insecure  # noqa: E402

insecure.register()

# Programs of the other parties must know the insecure ring too.
HEFED_PYTHON = (sys.executable, "-m", "tests.insecure")
