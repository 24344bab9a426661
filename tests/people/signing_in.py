"""People at the sign-in page: with a password, with an authenticator app, from one address or another."""

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from hospitals.people.models import User
from tests.pages.factory import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105  of an authenticator app of the tests
FACTORS = "/account/second-factor/"


def code_for(secret: str = SECRET) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def sign_in(client: Client, name: str, password: str = PASSWORD, address: str = "127.0.0.1"):
    return client.post("/sign-in/", {"login": name, "password": password}, REMOTE_ADDR=address)


def by_password(name: str) -> Client:
    client = Client()
    sign_in(client, name)
    return client


def by_both(user: User) -> Client:
    """A session that presented password and code; the app is set up first if it is not."""
    cache.clear()
    if not user.authenticator_set.exists():
        TOTP.activate(user, SECRET)
    client = by_password(user.username)
    client.post(f"{FACTORS}authenticate/", {"code": code_for()})
    cache.clear()  # allauth takes a code once, and waiting for the next one takes half a minute
    return client


def set_up_app(client: Client) -> str:
    """Password once more, then the app's first code; the secret. allauth ends sessions after the commit."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret: str = client.get(f"{FACTORS}totp/activate/").context["form"].secret
    client.post(f"{FACTORS}totp/activate/", {"code": code_for(secret)})
    return secret
