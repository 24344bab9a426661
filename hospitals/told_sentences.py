"""Sentences about a fit, in a page's language by told.py.

A placeholder stands for some text; the longer sentence comes before one that it contains.
"""

from django.utils.translation import gettext_noop as _

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
