"""An agent says that it is there: at once, then every half minute, and works on when nobody wants to know."""

import re
from datetime import date

import pytest
from joserfc.jwk import ECKey
from tenacity import wait_none

from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing
from hefed.custodian.agent import contact
from hefed.custodian.agent.contact import SignOfLife
from hefed.custodian.client import CustodianClient
from tests.custodian.fake_server import TOKEN
from tests.custodian.share_server import ShareServer, serving
from tests.words.raises import pattern


def sharing(signing: ECKey) -> Sharing:
    other = public_half(ECKey.generate_key("P-256"))
    cards = [
        AgentCard(study="demo", institution=name, name=name, signing=public_half(signing), agreement=other)
        for name in ("north", "south")
    ]
    seats = [Seat(point=point, card=card) for point, card in enumerate(cards, 1)]
    return Sharing(
        study="demo",
        profile="N14_L9",
        key_fingerprint="0" * 64,
        epoch=1,
        threshold=2,
        seats=seats,
        expires_on=date(2099, 1, 1),
    )


def test_a_sign_of_life_is_given_at_once_and_again_after_half_a_minute(monkeypatch: pytest.MonkeyPatch):
    clock = [1000.0]
    monkeypatch.setattr(contact.time, "monotonic", lambda: clock[0])
    signing = ECKey.generate_key("P-256")
    with serving(ShareServer()) as server:
        client = CustodianClient(server.address, TOKEN, wait_none())
        sign = SignOfLife(sharing(signing), 2, signing, client)
        for clock[0] in (1000.0, 1029.0, 1031.0):
            sign.give()
        client.close()
    assert server.present == [2, 2]


def test_a_server_that_does_not_want_it_stops_nobody(caplog: pytest.LogCaptureFixture):
    signing = ECKey.generate_key("P-256")
    client = CustodianClient("http://127.0.0.1:9", TOKEN, wait_none())
    with caplog.at_level("INFO"):
        SignOfLife(sharing(signing), 2, signing, client).give()
    client.close()
    assert re.search("the server took no sign of life: " + pattern("server.unreachable"), caplog.text)
