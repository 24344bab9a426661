"""``manage.py create_administrator NAME EMAIL``: the first person of a new server."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from hefed.core.errors import Conflict, HEFedError
from hefed.core.words import Said
from hospitals.people.models import Role, User
from hospitals.people.services import create_person, verify_address
from hospitals.studies.services import grant_role
from hospitals.words import terminal_words


class Command(BaseCommand):
    help = "Make a platform administrator, who chooses a password by mail. They invite all further ones on the pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="What they sign in with.")
        parser.add_argument("email", help="Where the mail to choose a password goes.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _create(options["name"], options["email"])
        except ValidationError as error:
            raise CommandError(terminal_words(Said("people.no_address", email=options["email"]))) from error
        except HEFedError as error:
            raise CommandError(terminal_words(error.said)) from error
        page = settings.HEFED_PUBLIC_URL + reverse("account_reset_password")
        self.stdout.write(terminal_words(Said("people.administrator_created", name=options["name"], page=page)))


def _create(name: str, email: str) -> None:
    validate_email(email)
    if User.objects.filter(email__iexact=email).exists():
        raise Conflict("people.address_taken", email=email)
    with transaction.atomic():
        user = create_person(username=name, email=email)
        verify_address(user=user)
        grant_role(user=user, role=Role.PLATFORM_ADMINISTRATOR, by=user)
