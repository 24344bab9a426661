"""A study's key sets, who holds them and agrees to another, and the codes with which a key holder enrols."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospitals.blobs.models import Blob
from hospitals.institutions.models import Institution
from hospitals.states import Moves
from hospitals.studies.models import Study


class KeySet(models.Model):
    """The public halves of a study's keys, as the custodian published them. The secret half never comes here."""

    class State(models.TextChoices):
        INCOMPLETE = "incomplete", _("Waiting for the relinearisation key")
        PROPOSED = "proposed", _("Proposed, not in use")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    MOVES: Moves[State] = {
        State.INCOMPLETE: frozenset({State.ACTIVE, State.RETIRED}),
        State.PROPOSED: frozenset({State.ACTIVE}),
        State.ACTIVE: frozenset({State.RETIRED}),
        State.RETIRED: frozenset({State.ACTIVE}),  # taken back, while it can be
    }
    NOT_IN_PLACE = (State.PROPOSED, State.RETIRED)

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="key_sets")
    fingerprint = models.CharField(max_length=64, unique=True)
    public = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    relinearisation = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.INCOMPLETE)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The person with whose code or token it was published",
    )
    published_with = models.ForeignKey(
        "hospitals.ApiToken", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="The key in use before it"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True, help_text="Until when a retired key can be taken back")
    expires_at = models.DateTimeField(null=True, blank=True)
    voice = models.JSONField(
        null=True, blank=True, help_text="PublicJwk that signs what one custodian alone posts; came with the key"
    )
    sharing = models.JSONField(null=True, blank=True, help_text="Who holds shares (Sharing); empty with one custodian")
    lead = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Place of the hospital that opens")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("study",),
                condition=~Q(state__in=("proposed", "retired")),
                name="one_key_set_in_place_per_study",
            ),
            models.CheckConstraint(
                name="shared_key_set_has_a_lead", condition=Q(sharing__isnull=True) | Q(lead__isnull=False)
            ),
            models.CheckConstraint(
                name="active_key_set_is_complete", condition=~Q(state="active") | Q(relinearisation__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"keys {self.fingerprint[:8]} of {self.study}"

    @property
    def grouped_fingerprint(self) -> str:
        """The fingerprint in groups of four, to read out on the telephone."""
        return " ".join(self.fingerprint[start : start + 4] for start in range(0, 64, 4))


class KeyConfirmation(models.Model):
    """A person of a hospital compared the key with its holder. Without a person: a script set up the study."""

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="confirmations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    confirmed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key_set", "institution"), name="key_confirmation_once"),)

    def __str__(self) -> str:
        return f"{self.institution} confirmed {self.key_set}"


class KeyHolder(models.Model):
    """A custodian that holds a share of a key set's secret; one row while one custodian holds it all."""

    key_set = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="holders")
    place = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=200, help_text="The hospital, or the access token of a single custodian")
    institution = models.CharField(max_length=63, blank=True, help_text="Short name of the hospital, when shared")
    card = models.CharField(max_length=64, blank=True, help_text="Fingerprint of the agent's card, when shared")
    notice = models.JSONField(null=True, blank=True, help_text="SharingNotice that it signed last")
    last_answer_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, help_text="When its agent said that it runs")
    said_at = models.DateTimeField(null=True, blank=True, help_text="The same by the agent's clock, taken once")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("key_set", "place"), name="key_holder_place_once"),)

    def __str__(self) -> str:
        return f"{self.name} holds share {self.place} of {self.key_set}"


class KeyAgreement(models.Model):
    """A hospital that holds a share of the key in use signed that the proposed key takes its place."""

    proposal = models.ForeignKey(KeySet, on_delete=models.CASCADE, related_name="agreements")
    sharing = models.CharField(max_length=64, help_text="Digest of the sharing in which it has its seat")
    institution = models.CharField(max_length=63, help_text="Short name of the hospital")
    card = models.CharField(max_length=64, help_text="Fingerprint of the card that signed")
    statement = models.JSONField(help_text="KeySuccession as it was signed")
    agreed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("agreed_at",)
        constraints = (
            models.UniqueConstraint(fields=("proposal", "sharing", "card"), name="key_agreement_once_a_card"),
        )

    def __str__(self) -> str:
        return f"{self.institution} agrees to {self.proposal}"


class EnrolmentCode(models.Model):
    """A custodian's machine may exchange it once, within minutes, for its token. Only its hash is kept."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="enrolment_codes")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"enrolment code for {self.study}"
