from django.apps import AppConfig


class HospitalsConfig(AppConfig):
    """Institutions, people, studies, dictionaries, keys' public halves, batches, audit."""

    name = "hospitals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from hospitals import checks, deploy_checks  # noqa: F401  registers the system checks
