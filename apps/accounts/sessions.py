"""Sessions in PostgreSQL, with the user's id in a column of its own (settings.SESSION_ENGINE)."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Any]:
        from apps.accounts.models import Session  # noqa: PLC0415 - settings name this module before models exist

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session = super().create_model_instance(data)
        user_id = data.get(SESSION_KEY)
        setattr(session, "user_id", int(user_id) if user_id else None)  # noqa: B010 - the base class lacks it
        return session
