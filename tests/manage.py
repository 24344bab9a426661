"""manage.py with the settings of the test suite."""

import os
import sys

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    from hefed.rehearsal.stack import enter_own_server

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    enter_own_server(sys.argv)
    execute_from_command_line(sys.argv)
