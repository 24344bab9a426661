"""Three hospitals that hold shares."""

from tests.custodian.scene import consortium, share_directories  # noqa: F401  fixtures
