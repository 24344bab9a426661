"""Django's command line: ``python manage.py migrate``, ``serve``, ``bootstrap_study``, ``rehearse``, ..."""

import os
import sys

from django.core.management import execute_from_command_line

from hefed.rehearsal.stack import enter_own_server

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    enter_own_server(sys.argv)
    execute_from_command_line(sys.argv)
