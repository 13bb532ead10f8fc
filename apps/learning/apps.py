from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "apps.learning"
    verbose_name = "学习"

    def ready(self) -> None:
        from apps.learning.cases import services as cases
        from apps.learning.models import Case, Lesson, Path
        from apps.library import publishing, receivers

        publishing.register(Case, cases.CAUSE, news=cases.news_of)
        receivers.follow(Case)
        for model in (Case, Lesson, Path):
            receivers.write_down(model)
