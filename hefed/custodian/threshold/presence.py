"""Tells the server now and then that this hospital's agent runs."""

import logging
import time
from datetime import UTC, datetime

from joserfc.jwk import ECKey

from hefed.custodian.client import CustodianClient
from hefed.custodian.threshold.retried import Failures
from hefed.custodian.threshold.shamir import Point
from hefed.errors import HEFedError
from hefed.protocol.presence import EVERY_SECONDS, Presence
from hefed.protocol.threshold import Sharing, sign

_log = logging.getLogger(__name__)


class SignOfLife:
    """A sign of life, at most every 30 seconds. A server that does not take it loses nothing but a line on a page."""

    def __init__(self, sharing: Sharing, point: Point, signing: ECKey, client: CustodianClient) -> None:
        self._sharing, self._point = sharing.digest, point
        self._signing = signing
        self._client = client
        self._next = 0.0
        self._failures = Failures(_log, "the server took no sign of life")

    def give(self) -> None:
        """Does nothing when the last one is recent."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        message = Presence(sharing=self._sharing, point=self._point, at=datetime.now(UTC))
        try:
            self._client.put_presence(sign(message, self._signing))
        except HEFedError as error:
            self._failures.tell(error)
