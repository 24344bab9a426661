"""``manage.py permissions > docs/permissions.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from hospitals.people.permissions import as_markdown


class Command(BaseCommand):
    help = "Print the table of who may do what, as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_markdown(), ending="")
