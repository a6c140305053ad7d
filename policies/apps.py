"""The app: nouns in `models`, one module per stage above, thin faces on top."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "policies"
    verbose_name = "Policies"

    def ready(self) -> None:
        from policies import checks  # noqa: F401, PLC0415 - Django's place for registering checks
        from policies.views.programs import provider_reports  # noqa: PLC0415

        provider_reports.listen()
