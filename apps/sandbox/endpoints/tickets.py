"""jsapi tickets: of the corp, and of an app."""

from datetime import timedelta

from apps.sandbox import ids
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, hold
from apps.sandbox.models import ApiCall, App, Ticket

LIFE = timedelta(seconds=7200)
CORP_TICKETS_PER_HOUR = 400


@endpoint("get_jsapi_ticket", "GET")
def get_jsapi_ticket(call: Call) -> Answer:
    calls = ApiCall.objects.filter(path=call.path, errcode=0, at__gt=call.now - timedelta(hours=1))
    if calls.count() >= CORP_TICKETS_PER_HOUR:
        raise ApiError(45009)
    return current_ticket(call, app=None)


@endpoint("ticket/get", "GET")
def ticket_get(call: Call) -> Answer:
    if call.query.get("type") != "agent_config":
        raise ApiError(91040)
    return current_ticket(call, app=call.app)


def current_ticket(call: Call, *, app: App | None) -> Answer:
    asked = ApiCall.objects.filter(
        path=call.path, app=call.app, errcode=0, at__gt=call.now - timedelta(hours=1)
    )
    if asked.count() >= call.simulation.tickets_per_hour:
        raise ApiError(45009)
    hold(f"ticket:{app.pk if app else 'corp'}")
    ticket = Ticket.objects.filter(app=app, expires_at__gt=call.now).order_by("-expires_at").first()
    if ticket is None:
        ticket = Ticket.objects.create(
            ticket=ids.opaque("", 86), app=app, created_at=call.now, expires_at=call.now + LIFE
        )
    return {"ticket": ticket.ticket, "expires_in": int((ticket.expires_at - call.now).total_seconds())}
