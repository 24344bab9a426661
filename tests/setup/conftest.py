"""What the tests of the set-up share with those of the server."""

from tests.server.conftest import (
    admin,
    admitted,
    api_for,
    broker,
    cold_memory,
    custodian,
    encryptor,
    home,
    keys_home,
    north,
    own_folders,
    published,
    sealed,
    study,
    upload,
)

__all__ = [
    "admin",
    "admitted",
    "api_for",
    "broker",
    "cold_memory",
    "custodian",
    "encryptor",
    "home",
    "keys_home",
    "north",
    "own_folders",
    "published",
    "sealed",
    "study",
    "upload",
]
