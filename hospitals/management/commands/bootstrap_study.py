"""``manage.py bootstrap_study description.json``: a study with its hospitals, people and tokens, without clicking."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from hefed.core.errors import HEFedError
from hospitals.studies.bootstrap import Description, bootstrap_study


class Command(BaseCommand):
    help = "Create a study, its hospitals, people and access tokens from a JSON description; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("description", type=Path, help="JSON file; see hospitals/studies/bootstrap.py.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            description = Description.model_validate_json(options["description"].read_bytes())
            summary = bootstrap_study(description)
        except OSError as error:
            raise CommandError(f"cannot read {options['description']}: {error.strerror}; correct the path") from error
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise CommandError(f"cannot use the description: field {place}: {first['msg']}; correct it") from error
        except HEFedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(summary.model_dump_json(indent=1))
