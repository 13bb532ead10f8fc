"""The world that the sandbox plays: a corp with its people, their customers, and all that was said."""

from apps.sandbox.models.corp import App, Department, Member
from apps.sandbox.models.customers import ContactWay, Customer, Follow, FollowTag, Tag, TagGroup, Transfer
from apps.sandbox.models.groups import Group, GroupMember
from apps.sandbox.models.messages import (
    AppMessage,
    ChatLine,
    ConsumerLine,
    MassResult,
    MassTask,
    MassTaskMember,
    Media,
    WelcomeCode,
)
from apps.sandbox.models.moments import MomentPart, MomentTask
from apps.sandbox.models.simulation import Fault, Simulation
from apps.sandbox.models.traffic import (
    ApiCall,
    Block,
    Callback,
    CallbackTry,
    Cursor,
    LoginCode,
    Ticket,
    Token,
)

__all__ = [
    "ApiCall",
    "App",
    "AppMessage",
    "Block",
    "Callback",
    "CallbackTry",
    "ChatLine",
    "ConsumerLine",
    "ContactWay",
    "Cursor",
    "Customer",
    "Department",
    "Fault",
    "Follow",
    "FollowTag",
    "Group",
    "GroupMember",
    "LoginCode",
    "MassResult",
    "MassTask",
    "MassTaskMember",
    "Media",
    "Member",
    "MomentPart",
    "MomentTask",
    "Simulation",
    "Tag",
    "TagGroup",
    "Ticket",
    "Token",
    "Transfer",
    "WelcomeCode",
]
