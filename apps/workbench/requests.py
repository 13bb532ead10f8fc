"""What a host's view receives."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import Host, User


class HostRequest(HttpRequest):
    """A request that `host_required` let through: for annotations only, never made."""

    host: Host
    user: User
    htmx: HtmxDetails
