"""Calls as leased rows: what carrying and cancelling both write about them."""

from apps.outbox.leases import Leases
from apps.outbox.models import DeliveryCall
from apps.outbox.registry import Result

LEASES = Leases(
    DeliveryCall,
    waiting=DeliveryCall.State.WAITING,
    words="outcome",
    died="发送它的进程多次中断",
    broke="发送时程序出错",
)


def end_call(call: DeliveryCall, state: str, result: Result) -> None:
    """Write down that nothing more comes of a call."""
    LEASES.end(call, state, result.note, errcode=result.errcode)
