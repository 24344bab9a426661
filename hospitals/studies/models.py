"""Studies, the hospitals in them, and the terms that hospitals accept."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospitals.institutions.models import Institution
from hospitals.states import Badge, Moves


class Study(models.Model):
    """One question asked of pooled patients: outcome, data dictionary, parameter profile, hospitals, custodian."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("of a study", "Open")
        CLOSED = "closed", _("Closed")

    MOVES: Moves[State] = {
        State.DRAFT: frozenset({State.OPEN}),
        State.OPEN: frozenset({State.CLOSED}),
        State.CLOSED: frozenset(),
    }
    RULES_FLOOR = 5  # no threshold may be lower; the custodian's floor is the same
    MOST_AGENTS = 9  # as many hospitals as can hold shares of one key

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    question = models.TextField(help_text="The outcome in a sentence, for people")
    profile = models.CharField(max_length=32)
    holdout_salt = models.CharField(max_length=128)
    holdout_fraction = models.FloatField(default=0.2)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    minimum_rows = models.PositiveIntegerField(default=50)
    small_cell = models.PositiveIntegerField(default=7)
    round_to = models.PositiveIntegerField(default=5)
    min_events = models.PositiveIntegerField(default=20)
    curve_events = models.PositiveIntegerField(default=8)
    agents_must_approve = models.PositiveSmallIntegerField(
        default=0, help_text="Hospitals of a shared key whose agents must sign for each release"
    )
    key_days = models.PositiveIntegerField(default=365, help_text="How long a key takes uploads")
    key_parties = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Who shall hold the key: 1 one custodian, n hospitals; empty: not decided"
    )
    key_threshold = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How many open together")
    set_up_by_script = models.BooleanField(default=False, help_text="Its first key needs no person to confirm it")
    created_at = models.DateTimeField(auto_now_add=True)
    institutions = models.ManyToManyField(Institution, through="StudyInstitution", related_name="studies")

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "studies"
        constraints = (
            models.UniqueConstraint(Lower("slug"), name="study_slug_once"),
            models.CheckConstraint(
                name="study_holdout_fraction", condition=Q(holdout_fraction__gt=0, holdout_fraction__lt=1)
            ),
            models.CheckConstraint(
                name="study_key_of_one_custodian_or_k_of_n",
                condition=Q(key_parties=None, key_threshold=None)
                | Q(key_parties__isnull=False, key_threshold__isnull=False)
                & (
                    Q(key_parties=1, key_threshold=1)
                    | Q(key_parties__lte=9, key_threshold__gte=2, key_threshold__lte=F("key_parties"))
                ),
            ),
            models.CheckConstraint(
                name="study_rules_not_below_the_floor",
                condition=Q(minimum_rows__gte=5, small_cell__gte=5, round_to__gte=5, min_events__gte=5)
                & Q(curve_events__gte=5),
            ),
            models.CheckConstraint(
                name="study_asks_at_most_every_share_holder", condition=Q(agents_must_approve__lte=9)
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def badge(self) -> Badge:
        state = self.State(self.state)
        return Badge("plain" if state is self.State.DRAFT else "good", state.label)


class StudyInstitution(models.Model):
    """A hospital takes part in a study. ``position`` fixes its colour and symbol in every chart."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField()
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("study", "institution"), name="study_institution_once"),
            models.UniqueConstraint(fields=("study", "position"), name="study_position_once"),
        )

    def __str__(self) -> str:
        return f"{self.institution} in {self.study}"


class Terms(models.Model):
    """What a hospital agrees to before it uploads. Rows are never changed: a change is the next version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    text = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("number",)
        verbose_name_plural = "terms"
        constraints = (models.UniqueConstraint(fields=("study", "number"), name="terms_number_once"),)

    def __str__(self) -> str:
        return f"terms {self.number} of {self.study}"


class TermsAcceptance(models.Model):
    """A person accepted a version of the terms for a hospital. ``by_setup``: the set-up script did, for a demo."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="acceptances")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(auto_now_add=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_setup = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("terms", "institution"), name="terms_accepted_once"),)

    def __str__(self) -> str:
        return f"{self.institution} accepted {self.terms}"
