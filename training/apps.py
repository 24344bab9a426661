from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Jobs, rounds, chunks, requests to the custodian, models and evaluations."""

    name = "training"
    default_auto_field = "django.db.models.BigAutoField"
