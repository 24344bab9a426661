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

# hefed/core/learning/moments.py, optimiser.py and sigmoid.py
FIT = (
    _("no deaths among %(n)s training patients"),
    _("no survivors among %(n)s training patients"),
    _("fewer than %(n)s deaths among %(all)s training patients"),
    _("fewer than %(n)s survivors among %(all)s training patients"),
    _("column %(columns)s is the same for all %(n)s training patients"),
    _("columns %(columns)s are the same for all %(n)s training patients"),
    _("all patients with %(where)s have the same outcome"),
    _("so that a coefficient is infinite"),
    _("columns %(columns)s are collinear: one can be computed exactly from the others"),
    _("drop %(n)s of them"),
    _("no convergence in %(n)s rounds (criterion %(criterion)s, needs %(stop)s)"),
    _("look for columns that nearly separate deaths from survivors, candidates: %(columns)s"),
    _(
        "the linear predictor (SD %(sd)s) needs an interval of half-width %(width)s, and %(widest)s is the widest that "
        "degree 63 follows"
    ),
    _("look for columns that separate deaths from survivors, or drop the strongest column"),
    _(
        "column %(columns)s is without a finite coefficient (standard errors up to %(largest)s): a combination "
        "separates deaths from survivors"
    ),
    _(
        "columns %(columns)s are without a finite coefficient (standard errors up to %(largest)s): a combination "
        "separates deaths from survivors"
    ),
    _("the linear predictor keeps growing (SD past %(sd)s): a column or a combination separates deaths from survivors"),
    _("drop or merge columns, candidates: %(columns)s"),
    _("drop or merge columns"),
    _("cannot fit:"),
)
