"""``manage.py audit verify [--ledger FILE --study SLUG] [--head NUMBER:DIGEST]``: is the log as it was written?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hefed.core.errors import HEFedError
from hefed.core.words import Said
from hospitals.audit.models import AuditEvent
from hospitals.audit.selectors import check_chain, differences, read_ledger
from hospitals.studies.selectors import study_by_slug
from hospitals.words import terminal_words


class Command(BaseCommand):
    help = "Check the chain of the audit log and, given the custodian's ledger, that both tell the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])
        parser.add_argument("--ledger", type=Path, help="A copy of the custodian's ledger.jsonl.")
        parser.add_argument("--study", default="", help="The study of that ledger (its short name).")
        parser.add_argument("--head", default="", help="NUMBER:DIGEST that an earlier check printed.")

    def handle(self, *args: Any, **options: Any) -> None:
        check = check_chain()
        if check.broken is not None:
            raise CommandError(terminal_words(Said("audit.chain_broken", number=check.broken)))
        self._check_head(options["head"])
        self.stdout.write(terminal_words(Said("audit.chain_whole", events=check.events, head=check.head)))
        if options["ledger"] is not None:
            self._compare(options["ledger"], options["study"])

    def _check_head(self, head: str) -> None:
        """An administrator who computes a whole new chain is found by a head that was kept elsewhere."""
        number, _, digest = head.partition(":")
        if not head:
            return
        if not number.isdigit() or not AuditEvent.objects.filter(number=int(number), digest=digest).exists():
            raise CommandError(terminal_words(Said("audit.head_gone", head=head)))

    def _compare(self, path: Path, slug: str) -> None:
        try:
            study = study_by_slug(slug)
            ledger = read_ledger(path.read_text(encoding="utf-8").splitlines())
        except OSError as error:
            raise CommandError(
                terminal_words(Said("audit.file_unreadable", path=str(path), problem=error.strerror or ""))
            ) from error
        except HEFedError as error:
            raise CommandError(terminal_words(error.said)) from error
        found = differences(study, ledger)
        if found:
            said = Said("audit.ledger_differs", count=len(found), differences=tuple(found))
            raise CommandError(terminal_words(said))
        answers = len(ledger.answers or ledger.shares)
        same = Said("audit.same_as_ledger", answers=answers, publications=len(ledger.publications))
        self.stdout.write(terminal_words(same))
