"""The words of the pages in the readers' words. ``slug`` is the anchor that terms on the pages link to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Entry:
    slug: str
    term: "StrPromise"
    text: "StrPromise"


@dataclass(frozen=True)
class Group:
    title: "StrPromise"
    entries: tuple[Entry, ...]


_STUDY = Group(
    _("The study"),
    (
        Entry(
            "study",
            _("Study"),
            _(
                "One question asked of the patients of several hospitals: outcome, a data dictionary, the hospitals, "
                "a key custodian, and the rules for what may be published."
            ),
        ),
        Entry(
            "institution",
            _("Institution"),
            _(
                "An organisation that takes part, mostly a hospital. It registers, a platform administrator decides, "
                "and its coordinators act for it."
            ),
        ),
        Entry(
            "coordinator",
            _("Coordinator"),
            _("The person at a hospital who prepares its table, accepts the terms and adds its patients."),
        ),
        Entry(
            "data-dictionary",
            _("Data dictionary"),
            _(
                "The list of the columns that every hospital's table must have: name, meaning, unit or levels, and "
                "what becomes of a missing value. A published version never changes."
            ),
        ),
        Entry(
            "batch",
            _("Batch"),
            _("One upload of one hospital. It joins the pool only after the custodian has tested its sums."),
        ),
        Entry(
            "block",
            _("Block"),
            _("Up to 8,192 patients of a batch, encrypted together: one sealed piece for each column."),
        ),
        Entry(
            "quarantine",
            _("Quarantine"),
            _(
                "A batch whose sums cannot be right is kept out of the pool, with the reason in words. Nothing trained "
                "on it; the hospital corrects the table and sends it again."
            ),
        ),
        Entry(
            "training-and-held-out",
            _("Training patients and held-out patients"),
            _(
                "About four fifths of the patients teach the model. The others are held out: the model has never seen "
                "them, so they show how well it does on new patients. A patient never changes sides."
            ),
        ),
        Entry(
            "pool",
            _("Pool"),
            _("The admitted patients of the chosen hospitals that one job trains on."),
        ),
        Entry(
            "job",
            _("Job"),
            _("The fitting of one model on one pool, from launch to result."),
        ),
        Entry(
            "round",
            _("Round"),
            _("One pass over all encrypted patients of the pool, and one answer of the custodian."),
        ),
        Entry(
            "request",
            _("Request"),
            _(
                "What waits for the custodian to open: the sums of a new batch, a round's totals, or the scores of "
                "held-out patients. The server cannot make the custodian answer."
            ),
        ),
        Entry(
            "release",
            _("Release"),
            _(
                "A result made readable. Somebody asks for it, and approvers of two other institutions read and sign "
                "exactly what would be published."
            ),
        ),
        Entry(
            "terms",
            _("Terms"),
            _("What a hospital agrees to before it uploads. A change is a new version, accepted anew."),
        ),
        Entry(
            "audit-log",
            _("Audit log"),
            _("Who did what, and when. Each event carries a digest of the one before, so that a later change shows."),
        ),
    ),
)

_ENCRYPTION = Group(
    _("Encryption"),
    (
        Entry(
            "encrypted-columns",
            _("Encrypted columns"),
            _(
                "A hospital's table after encryption in the browser. The server can add and multiply them without "
                "reading them. In law they stay personal data."
            ),
        ),
        Entry(
            "homomorphic-encryption",
            _("Homomorphic encryption (CKKS)"),
            _("Encryption that allows computing on sealed numbers: the sum of two sealed numbers is the sealed sum."),
        ),
        Entry(
            "public-key",
            _("Public key"),
            _("What hospitals encrypt under. It can seal and not open, so everybody may have it."),
        ),
        Entry(
            "secret-key",
            _("Secret key"),
            _("What opens. It stays with the key custodian and never comes to this server."),
        ),
        Entry(
            "custodian",
            _("Key custodian"),
            _(
                "Who holds the secret key, on a machine of its own. It opens totals and scores under a fixed policy, "
                "keeps its own ledger, and never sees a hospital's columns."
            ),
        ),
        Entry(
            "fingerprint",
            _("Fingerprint"),
            _(
                "A short number that stands for a key. Read it to each other on the telephone: when all groups are the "
                "same, the key is the custodian's."
            ),
        ),
        Entry(
            "sealed",
            _("Sealed and open"),
            _(
                "Sealed: encrypted, or waiting for a release; drawn as a closed lock. Open: somebody can read it; the "
                "page says who."
            ),
        ),
        Entry(
            "total",
            _("Total"),
            _("A sum over many patients. Totals, never a patient's row, are what the custodian opens while training."),
        ),
        Entry(
            "suppressed",
            _("Suppressed"),
            _(
                "A number that is not shown because it concerns too few patients, or because it would betray such a "
                "number. The place says so; it is never left empty."
            ),
        ),
    ),
)

_RESULT = Group(
    _("Reading a result"),
    (
        Entry(
            "outcome",
            _("Outcome and event"),
            _("What the model predicts, such as death within 30 days. An event is a patient with that outcome."),
        ),
        Entry(
            "prevalence",
            _("Prevalence"),
            # xgettext:no-python-format
            _("The share of patients with the outcome. With 1 % deaths even a good model raises many false alarms."),
        ),
        Entry(
            "auroc",
            _("AUROC (area under the ROC curve)"),
            _(
                "How well the model ranks: the chance that a patient who died got a higher risk than one who survived. "
                "0.5 is a coin toss, 1 is perfect. It says nothing about whether the risks themselves are right."
            ),
        ),
        Entry(
            "auprc",
            _("AUPRC (area under the precision-recall curve)"),
            _(
                "How many of the patients flagged really have the outcome, over all thresholds. Compare it with the "
                "prevalence: that is what guessing reaches."
            ),
        ),
        Entry(
            "interval",
            # xgettext:no-python-format
            _("95 % interval"),
            _(
                "The values that fit the data. It is wide when there are few events. Two models whose intervals "
                "overlap widely may be equally good."
            ),
        ),
        Entry(
            "calibration",
            _("Calibration"),
            _(
                "Whether predicted risks come true: of 100 patients with a risk of 10 %, about 10 should have the "
                "outcome. Points on the diagonal are right."
            ),
        ),
        Entry(
            "calibration-slope",
            _("Calibration slope"),
            _(
                "1 is right. Below 1 the model is too sure: high risks are too high and low ones too low. Above 1 it "
                "is too cautious."
            ),
        ),
        Entry(
            "calibration-intercept",
            _("Calibration intercept"),
            _("0 is right. Below 0 the model predicts too many events, above 0 too few."),
        ),
        Entry(
            "brier",
            _("Brier score"),
            _(
                "The mean squared distance between predicted risk and what happened; smaller is better. It depends on "
                "the prevalence, so compare it only on the same patients."
            ),
        ),
        Entry(
            "odds-ratio",
            _("Odds ratio"),
            _(
                "How much the odds of the outcome change per step of a variable, the others unchanged: 2 doubles them, "
                "1 leaves them, 0.5 halves them. It is an association, not a cause."
            ),
        ),
        Entry(
            "coefficient",
            _("Coefficient and standard error"),
            _("The logarithm of the odds ratio, and how uncertain it is."),
        ),
        Entry(
            "sensitivity",
            _("Sensitivity and specificity"),
            _(
                "Of the patients with the outcome, the share flagged; of those without, the share not flagged. Both "
                "depend on the threshold."
            ),
        ),
        Entry(
            "threshold",
            _("Threshold and net benefit"),
            _(
                "The risk from which you would act. Net benefit weighs patients rightly flagged against false alarms "
                "at that threshold; a model below the line of treating everybody, or nobody, does harm there."
            ),
        ),
        Entry(
            "table-one",
            _("Table 1"),
            _("Who the patients are: count, means and shares of each variable, by hospital and together."),
        ),
    ),
)

GROUPS = (_STUDY, _ENCRYPTION, _RESULT)
ENTRIES = {entry.slug: entry for group in GROUPS for entry in group.entries}
