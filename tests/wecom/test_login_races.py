"""One state, brought back many times at the same moment."""

from collections import Counter
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from apps.wecom.models import LoginState
from apps.wecom.services import logins
from tests.at_once import at_once


def a_browser(secret: str | None = None) -> HttpRequest:
    request = RequestFactory().get("/wecom/login/callback/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    if secret is not None:
        request.session["wecom_login"] = secret
    return request


def test_of_64_returns_with_one_state_one_gets_through(transactional_db: None) -> None:
    now, browser = timezone.now(), a_browser()
    state = logins.start(browser, next_path="/", now=now)
    secret = browser.session["wecom_login"]

    results = at_once([lambda: logins.return_with(a_browser(secret), state=state, now=now)] * 64)

    assert Counter(map(type, results)) == {logins.Returned: 1, logins.StaleLoginError: 63}
    assert LoginState.objects.get().used_at == now
