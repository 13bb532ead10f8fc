"""Callbacks by hand: the URL check, any plaintext, forged envelopes, and waiting for quiet."""

from __future__ import annotations

from typing import Any

from apps.sandbox import bell, envelope
from apps.sandbox.actors import emit
from apps.sandbox.control.records import callback_record
from apps.sandbox.control.views import Control, ControlError, control
from apps.sandbox.crypto import CallbackCryptoError
from apps.sandbox.models import Callback


@control("POST")
def verify(asked: Control) -> dict[str, Any]:
    app = asked.app()
    if not app.listens:
        raise ControlError("应用还没有设置回调地址")
    return envelope.verify_url(app, timestamp=int(asked.now.timestamp()))


@control("POST")
def send(asked: Control) -> dict[str, Any]:
    """Post one envelope now and tell what came back; no row, no retry.

    `plaintext` is sealed as it is; `forgery` makes one thing wrong; `timestamp` replays an old moment.
    """
    app = asked.app()
    if not app.listens:
        raise ControlError("应用还没有设置回调地址")
    forgery = asked.text("forgery", "")
    if forgery and forgery not in envelope.FORGERIES:
        raise ControlError(f"forgery 只能是：{'、'.join(envelope.FORGERIES)}")
    stamp = int(asked.number("timestamp", asked.now.timestamp()))
    query, body = envelope.sealed_request(app, asked.text("plaintext"), timestamp=stamp, forgery=forgery)

    def after() -> dict[str, Any]:
        results = []
        reply, problem = "", ""
        for _ in range(int(asked.number("times", 1))):
            outcome = envelope.post(app.callback_url, query, body, seconds=asked.simulation.callback_timeout)
            results.append(outcome)
        try:
            reply = envelope.open_reply(app, results[-1].body)
        except CallbackCryptoError as error:
            problem = str(error)
        return {
            "statuses": [outcome.status for outcome in results],
            "bodies": [outcome.body.decode(errors="replace") for outcome in results],
            "error": results[-1].error,
            "reply": reply,
            "reply_problem": problem,
        }

    return {"_after_commit": after}


@control("POST")
def emit_plaintext(asked: Control) -> dict[str, Any]:
    """Queue any plaintext as a callback, with tries and modes like every other."""
    made = emit.post(
        asked.simulation,
        asked.now,
        app=asked.app(),
        kind=asked.text("kind", "raw"),
        plaintext=asked.text("plaintext"),
    )
    return {"callbacks": [callback_record(callback) for callback in made]}


@control("POST")
def settle(asked: Control) -> dict[str, Any]:
    """Wait until no callback is due or in the air (retries that lie in the future are not waited for)."""
    seconds = min(asked.number("seconds", 5), 60)
    simulation = asked.simulation

    def is_quiet() -> bool:
        return not Callback.objects.filter(
            state=Callback.State.PENDING, due_at__lte=simulation.now()
        ).exists()

    return {"_after_commit": lambda: {"settled": bell.wait_for(is_quiet, seconds=seconds)}}
