"""The platform as `make run` starts it, plus the views that the benchmarks compare with."""

from config import env
from config.settings.dev import *  # noqa: F403
from config.settings.dev import MIDDLEWARE, STORAGES

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.views.CountQueries", *MIDDLEWARE]
# Nothing is collected for a benchmark but that of the browser, which loads the files.
if not env.flag("BENCH_COLLECTED", default=False):
    STORAGES = {
        **STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
