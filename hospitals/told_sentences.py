"""Sentences about a fit and a release, in a page's language by told.py.

A placeholder stands for some text; the longer sentence comes before one that it contains.
"""

from django.utils.translation import gettext_noop as _

# hefed/custodian/desk/results.py
RELEASE_NOTES = (
    _("Counts of 1 to %(n)s are suppressed, others are multiples of %(step)s."),
    _("Coefficients and errors are rounded to a thousandth of the standard error, odds ratios to 4 digits."),
    _(
        "Curves: each step holds at least %(n)s deaths and %(same)s survivors; "
        "rates come from counts rounded to %(step)s."
    ),
    _("Table 1 counts all patients of the pool's batches, held-out ones included."),
    _("Table 1 of %(scope)s, %(columns)s:"),
    _("Table 1 of %(scope)s:"),
    _("Metrics of %(scope)s:"),
    _("Curves of %(scope)s:"),
    _("Metrics:"),
)

# hefed/custodian/releases/votes.py
AGENT_VERDICTS = (
    _("agents of %(n)s of %(needed)s hospitals approved (none yet)"),
    _("agents of %(n)s of %(needed)s hospitals approved (%(names)s)"),
    _('rejected by %(hospital)s ("%(reason)s")'),
    _("so many cannot any more: change the request, or withdraw it"),
    _("agents of %(needed)s hospitals must approve, and one custodian holds the key alone"),
    _("share the key, or let the study ask for none"),
    _("a second approval of %(hospital)s does not count: one is enough"),
    _("another hospital must approve"),
)
