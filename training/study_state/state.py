"""A study as its pages see it: the facts about its hospitals, and its jobs, requests and releases."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from training.jobs.models import CustodianRequest, Job
from training.jobs.requests import requests_waiting
from training.releases.models import Release
from training.releases.selectors import Asked, Signers, asked_now, releases_of, sealed_items

SILENT = timedelta(minutes=15)  # a custodian's program that calls less often than this while something waits is off


@dataclass(frozen=True)
class Answers:
    """How many requests the custodian let pass and refused since the study began."""

    answered: int
    refused: int


@dataclass(frozen=True)
class StudyState:
    """Lazy like its ``facts``: a page pays for what it asks, and for nothing twice."""

    facts: StudyFacts

    @classmethod
    def read(cls, study: Study) -> "StudyState":
        return cls(StudyFacts(study))

    @property
    def study(self) -> Study:
        return self.facts.study

    # ---- jobs -------------------------------------------------------------------------------------------------------

    @cached_property
    def jobs(self) -> list[Job]:
        """The newest first, without the numbers of their results."""
        return list(_jobs(self.study))

    @property
    def live_job(self) -> Job | None:
        return next((job for job in self.jobs if job.state in Job.LIVE), None)

    @property
    def finished_job(self) -> Job | None:
        """The newest that has a result."""
        return next((job for job in self.jobs if job.state == Job.State.FINISHED), None)

    @property
    def stopped_job(self) -> Job | None:
        """The newest job, when it ended without a result: what came before it is history."""
        newest = next((job for job in self.jobs if job.state != Job.State.CANCELLED), None)
        return newest if newest is not None and newest.state in (Job.State.FAILED, Job.State.REFUSED) else None

    @property
    def jobs_to_ask_for(self) -> list[Job]:
        """Finished jobs with something sealed and no open release."""
        asked = {release.job_id for release in self.open_releases}
        return [job for job in self.jobs if job.pk not in asked and sealed_items(job)]

    # ---- requests to the custodian ----------------------------------------------------------------------------------

    @cached_property
    def requests(self) -> list[CustodianRequest]:
        """Those that wait, the oldest first, with the answers of hospitals that hold shares."""
        return list(requests_waiting(self.study).prefetch_related("share_answers"))

    @property
    def custodian_is_silent(self) -> bool:
        seen = self.facts.custodian_seen
        return seen is None or timezone.now() - seen > SILENT

    @cached_property
    def answers(self) -> Answers:
        refused = Q(outcome="refused")
        rows = CustodianRequest.objects.filter(study=self.study, state=CustodianRequest.State.ANSWERED)
        return Answers(**rows.aggregate(answered=Count("pk", filter=~refused), refused=Count("pk", filter=refused)))

    # ---- releases ---------------------------------------------------------------------------------------------------

    @cached_property
    def asked(self) -> list[Asked]:
        """Open releases, with what they ask for now and who approved it; the newest first."""
        return asked_now(releases_of(self.study).filter(state__in=Release.OPEN))

    @property
    def open_releases(self) -> list[Release]:
        return [one.release for one in self.asked]

    @property
    def collecting(self) -> list[Asked]:
        return [one for one in self.asked if one.release.state == Release.State.COLLECTING]

    @cached_property
    def signers(self) -> Signers:
        return Signers.of(self.study)


def _jobs(study: Study) -> QuerySet[Job]:
    rows = Job.objects.filter(study=study).select_related("sealed", "model").prefetch_related("institutions")
    return rows.defer("plan", "model__result", "model__table_one", "model__warnings")
