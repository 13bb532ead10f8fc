"""Migrations on a database that has none yet, at a quarter of the processor time of Django's own executor.

Django keeps every model of the project rendered as a class while it migrates, and renders it anew with all
that are related to it whenever one of them changes: nearly all of the time goes there. Here a model becomes
a class when an operation asks for it, together with what its table needs to be written.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps.registry import Apps
from django.core.management.sql import emit_pre_migrate_signal
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.migrations.utils import resolve_relation
from django.db.models import Model

_Key = tuple[str, str]  # label of the app, name of the model in small letters


class _LazyApps(StateApps):
    """Renders what is asked for. Not "ready" before all is rendered: until then nobody has looked backwards
    along relations, so that no model's caches have to be emptied for a new one."""

    def __init__(self, real_apps: Iterable[str], states: dict[_Key, ModelState]) -> None:
        super().__init__(list(real_apps), {})
        self.ready = self.models_ready = False
        # Copies: an operation changes the state in place, and this is how things stood before.
        self._states = {key: state.clone() for key, state in states.items()}

    def add(self, state: ModelState) -> None:
        self.clear_cache()  # while ready: what looked backwards will see the new model
        self._states[state.app_label, state.name_lower] = state.clone()
        self.ready = self.models_ready = False
        self.clear_cache()

    def get_model(
        self, app_label: str, model_name: str | None = None, require_ready: bool = True
    ) -> type[Model]:
        """With what it points to: its columns take their types from there."""
        if model_name is None:
            app_label, model_name = app_label.split(".")
        key = (app_label, model_name.lower())
        self._render(key)
        for target in self._targets(key):
            self._render(target)
        return super().get_model(app_label, model_name, require_ready=False)

    @functools.cache  # noqa: B019  # as the method that it stands for: the registry empties it
    def get_models(
        self, include_auto_created: bool = False, include_swapped: bool = False
    ) -> list[type[Model]]:
        self.render_all()
        plain: Any = Apps.get_models
        return list(plain.__wrapped__(self, include_auto_created, include_swapped))

    def render_all(self) -> None:
        if self.ready:
            return
        for key in self._states:
            self._render(key)
        self.ready = self.models_ready = True
        self.clear_cache()

    def _targets(self, key: _Key) -> Iterator[_Key]:
        state = self._states.get(key)
        for field in state.fields.values() if state else ():
            if field.is_relation and field.remote_field:
                for to in (field.remote_field.model, getattr(field.remote_field, "through", None)):
                    if to:
                        yield resolve_relation(to, *key)

    def _render(self, key: _Key) -> None:
        state = self._states.get(key)
        if state is None or key[1] in self.all_models[key[0]]:
            return
        for base in state.bases:
            if isinstance(base, str):
                self.get_model(base)
        state.render(self)
        for field in state.fields.values():
            if field.primary_key and field.remote_field:  # the type of this key is that of the next
                self._render(resolve_relation(field.remote_field.model, *key))


class _State(ProjectState):
    """A new model is added to the registry; any other change begins a new one."""

    @functools.cached_property
    def apps(self) -> _LazyApps:
        return _LazyApps(self.real_apps, self.models)

    def clone(self) -> "_State":
        copy = _State({key: state.clone() for key, state in self.models.items()}, self.real_apps)
        copy.__dict__["apps"] = self.apps
        return copy

    def add_model(self, model_state: ModelState) -> None:
        apps = self.__dict__.pop("apps", None)
        super().add_model(model_state)
        if apps is not None:
            apps.add(model_state)
            self.__dict__["apps"] = apps

    def remove_model(self, app_label: str, model_name: str) -> None:
        self.__dict__.pop("apps", None)
        super().remove_model(app_label, model_name)

    def reload_model(self, *_: Any, **__: Any) -> None:
        self.__dict__.pop("apps", None)

    def reload_models(self, *_: Any, **__: Any) -> None:
        self.__dict__.pop("apps", None)

    def clear_delayed_apps_cache(self) -> None:
        """Asked for before code runs (RunPython), which may look anywhere."""
        self.apps.render_all()


class NewDatabase(MigrationExecutor):
    """Every migration from nothing, and nothing after them. A database with a migration is refused."""

    @functools.cached_property
    def full_plan(self) -> list[tuple[Migration, bool]]:
        return self.migration_plan(self.loader.graph.leaf_nodes())

    @property
    def is_new(self) -> bool:
        return not self.loader.applied_migrations

    def make(self, *, verbosity: int = 0, interactive: bool = False) -> None:
        self._refuse_another()
        # Before any migration: the database's roles.
        emit_pre_migrate_signal(verbosity, interactive, self.connection.alias, plan=self.full_plan)
        self.migrate(self.loader.graph.leaf_nodes(), self.full_plan)

    def _create_project_state(self, with_applied_migrations: bool = False) -> _State:
        self._refuse_another()
        return _State(real_apps=self.loader.unmigrated_apps)

    def _refuse_another(self) -> None:
        if not self.is_new:
            raise ValueError("this database has migrations already: run `migrate`")
