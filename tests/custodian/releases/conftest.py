"""One sealed result, people whose keys count, and the program that looks at releases."""

from datetime import date

import pytest

from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import SealedRecord
from hefed.custodian.releases.publishing import Releases
from tests.custodian.people import ANNA, BORIS, CLARA, DORA, TODAY, keep, sealed_record, trusted


def looking(custodian: Custodian, client: CustodianClient, today: date = TODAY) -> Releases:
    return Releases(custodian.home, "demo", custodian.store, custodian.ledger, client, lambda: today)


@pytest.fixture
def sealed(custodian: Custodian) -> SealedRecord:
    """One sealed result, and four people whose keys count."""
    for person in (ANNA, BORIS, CLARA, DORA):
        custodian.store.trust(trusted(person))
    return keep(custodian.store, sealed_record())


@pytest.fixture
def releases(custodian: Custodian, client: CustodianClient) -> Releases:
    return looking(custodian, client)
