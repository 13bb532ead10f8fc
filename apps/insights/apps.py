from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "apps.insights"
    verbose_name = "数据"

    def ready(self) -> None:
        from apps.insights.invariants import check_numbers
        from apps.insights.outcomes import outcomes_of
        from apps.insights.projection import PROJECTION
        from apps.insights.selectors.figures import resolve
        from apps.learning import figures
        from apps.library import outcomes
        from apps.outbox.invariants import register_check
        from apps.tracking import reader

        figures.fill(resolve)
        outcomes.fill(outcomes_of)
        reader.register(PROJECTION)
        register_check("insights", check_numbers)
