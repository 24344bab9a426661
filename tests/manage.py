"""manage.py with the settings of the test suite."""

import os
import sys

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    execute_from_command_line(sys.argv)
