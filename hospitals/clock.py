"""Times as people of this site read them: in its time zone, with the zone's name."""

from datetime import datetime

from django.utils import timezone


def site_time(when: datetime) -> str:
    """Day and time, such as ``2026-11-24 21:07 KST``."""
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M %Z}"


def site_clock(when: datetime) -> str:
    """The time of a moment within minutes of now, such as ``21:07 KST``."""
    return f"{timezone.localtime(when):%H:%M %Z}"
