"""Settings of the test suite: the product's settings, with the insecure ring known to every process that loads them."""

import os

os.environ.setdefault("HEFED_SECRET_KEY", "a key that only the test suite uses")

from hefed.settings import *  # noqa: E402, F403

from tests import insecure  # noqa: E402

insecure.register()
