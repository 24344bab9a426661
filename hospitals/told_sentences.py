"""Sentences about a draft dictionary, a REDCap import, a fit and a release, in a page's language by told.py.

A placeholder stands for some text; the longer sentence comes before one that it contains.
"""

from django.utils.translation import gettext_noop as _

# hefed/dictionary.py
DICTIONARY = (
    _("row %(row)s, column %(column)s:"),
    _("unknown heading; use %(known)s"),
    _("heading appears twice; keep one"),
    _("heading is missing; the first row must name %(known)s"),
    _("%(n)s cells, the header has %(known)s; put cells with a delimiter in quotes"),
    _("holds a line break or an invisible character; type the cell again"),
    _("must be id, feature or outcome"),
    _("is empty; give the heading of the table's column"),
    _("holds '=', '|' or an invisible character; rename the variable"),
    _("must be continuous, binary or categorical"),
    _("must be binary for the outcome; only yes/no outcomes can be modelled"),
    _("must be empty for a continuous variable; clear the cell or make it categorical"),
    _("must be empty for the %(role)s; clear the cell"),
    _("has %(n)s, needs at least 2; list them separated by '|', reference first"),
    _("has %(n)s, a binary needs 2 (first = 0) or none (cells hold 0 and 1)"),
    _("holds an empty level; a missing value is described by 'fill', not by a level"),
    _("a level holds '='; rename it, column names are built as name=level"),
    _("names a level twice; keep one"),
    _("must be above 0; use about one standard deviation"),
    _("0/1 columns are not scaled; clear the cell"),
    _("is empty; a continuous variable needs a number"),
    _("has a decimal comma; write the number with a point"),
    _("is not a finite number; write digits with an optional point"),
    _("must be yes, no or empty"),
    _("is empty, but an indicator of missing values is asked for; say what a missing value becomes"),
    _("is not one of the levels; use a level, or clear the cell to refuse missing values"),
    _("no variable is the %(role)s; give one row the role %(same)s"),
    _("%(n)s variables are the %(role)s; keep one"),
    _("no variable is a feature; a model needs at least one"),
    _("column name %(name)s is taken: row %(row)s has it too; rename the variable or level"),
    _("column name %(name)s is taken: it is the model's constant; rename the variable or level"),
)

# hefed/redcap.py
REDCAP = (
    _("is REDCap's record id: check that it is a pseudonym, no name or hospital number"),
    _("marked as an identifier in REDCap: identifying data never enter a study"),
    _("a %(kind)s: make a number of it first, such as age or days since admission"),
    _("free text: only numbers and choices can be encrypted as columns"),
    _("REDCap's type %(kind)s holds no number and no choice"),
    _("centre and scale are not in REDCap: give a typical value and a typical spread"),
    _("(REDCap allows %(low)s to %(high)s)"),
    _("unit is not in REDCap: write the one that every hospital uses"),
    _("%(n)s choices: a choice needs at least two"),
    _("levels are REDCap's codes: %(meaning)s"),
    _("%(level)s counts as 0 because it comes first: check that"),
    _("%(level)s is the reference level because it comes first: check that"),
    _("is asked only if %(condition)s: say what a missing value becomes (fill), or it is refused"),
    _("may be empty in REDCap: say what a missing value becomes (fill), or it is refused"),
)

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

# hefed/learning/moments.py, optimiser.py and sigmoid.py
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
