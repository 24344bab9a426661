from django.apps import AppConfig


class HospitalsConfig(AppConfig):
    """Institutions, people, studies, dictionaries, keys' public halves, batches, audit."""

    name = "hospitals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

        from hospitals import checks  # noqa: F401  registers the system checks
        from hospitals.people.entry import factors_changed

        for changed in (authenticator_added, authenticator_removed, authenticator_reset):
            changed.connect(factors_changed)  # allauth tells of it in no other way
