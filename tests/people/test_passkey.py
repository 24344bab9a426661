"""A custodian sets up a passkey in a real browser, under the strict content security policy, and signs in with it."""

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from playwright.sync_api import Page

from tests.pages import look
from tests.pages.factory import PASSWORD, empty_world

pytestmark = pytest.mark.browser


def authenticator(page: Page) -> None:
    """Chromium plays a device that confirms the person."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.django_db(transaction=True)
def test_passkey_is_set_up_and_signs_in_without_a_password(live_server, settings):
    settings.HEFED_REQUIRE_MFA = True
    cache.clear()
    empty_world()
    server = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    study = f"{server}/studies/icu-death/"
    with look.tab(server, "carol", PASSWORD) as page:
        problems = look.problems_of(page)
        authenticator(page)
        page.goto(study)
        assert page.url == f"{server}/second-factor/"
        page.click("text=Add a passkey")
        page.fill("input[type=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.fill("#id_name", "My laptop")
        page.check("#id_passwordless")
        page.click("#mfa_webauthn_add")
        page.wait_for_url("**/account/**/recovery-codes/**")
        page.goto(study)
        assert page.url == study

        page.context.clear_cookies()
        page.goto(f"{server}/sign-in/")
        page.click("#passkey_login")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(study)
        assert page.url == study
    assert problems == []
    assert django_settings.HEFED_CONTENT_SECURITY_POLICY["default-src"] == "'self'"
