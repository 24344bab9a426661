"""``manage.py bootstrap_study description.json``: a study with its hospitals, people and tokens, without clicking."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from hefed.core.errors import HEFedError
from hefed.core.words import Said
from hospitals.studies.bootstrap import Description, bootstrap_study
from hospitals.words import terminal_words


class Command(BaseCommand):
    help = "Create a study, its hospitals, people and access tokens from a JSON description; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("description", type=Path, help="JSON file; see hospitals/studies/bootstrap.py.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            description = Description.model_validate_json(options["description"].read_bytes())
            summary = bootstrap_study(description)
        except OSError as error:
            said = Said("studies.description_missing", path=str(options["description"]), problem=error.strerror or "")
            raise CommandError(terminal_words(said)) from error
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise CommandError(
                terminal_words(Said("studies.description_unreadable", place=place, problem=first["msg"]))
            ) from error
        except HEFedError as error:
            raise CommandError(terminal_words(error.said)) from error
        self.stdout.write(summary.model_dump_json(indent=1))
