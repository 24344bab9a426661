"""Settings of the test suite: the product's settings, with the insecure ring known to every process that loads them."""

import os
import sys
import tempfile

os.environ.setdefault("HEFED_SECRET_KEY", "a key that only the test suite uses")
os.environ.setdefault("HEFED_REQUIRE_MFA", "0")  # tests/people turn it on

from hefed.settings import *  # noqa: E402, F403
from tests import insecure  # noqa: E402

insecure.register()

# A file, not memory: write-ahead log and locks behave as in production, and child processes can open it.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/hefed-test-{os.getpid()}.sqlite3"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the product keeps Django's default

# The encryptor in the browser must know the insecure ring too; the first folder wins.
STATICFILES_DIRS = [BASE_DIR / "tests" / "browser" / "static", *STATICFILES_DIRS]  # noqa: F405

# Programs of the other parties must know the insecure ring too.
HEFED_PYTHON = (sys.executable, "-m", "tests.insecure")
