"""What a part of HQ's home page is."""

from typing import Any, ClassVar

from wagtail.admin.ui.components import Component


class Panel(Component):
    """A part of the home page."""

    order: ClassVar[int] = 100
    #: The permission without which it is not shown.
    permission: ClassVar[str] = "wagtailadmin.access_admin"

    def is_shown(self, user: Any) -> bool:
        return bool(user.has_perm(self.permission))
