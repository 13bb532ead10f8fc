"""The review that everything published goes through: one step, done by the reviewers' group."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from apps.accounts import roles
from apps.library.models import FourEyesTask
from apps.library.models.publishing import publishables

NAME = "内容审核"
#: Who may approve what another person wrote.
APPROVERS = (roles.ADMIN, roles.REVIEWER)


def ensure_workflow(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Have the review in the database after each migrate.

    It hangs on content types, which Django makes only then; a flushed database gets it back the same way.
    """
    tables = connections[using].introspection.table_names()
    if not {"library_foureyestask", "wagtailcore_workflowcontenttype", "auth_group"} <= set(tables):
        return
    task = FourEyesTask.objects.filter(name=NAME).first() or FourEyesTask.objects.create(name=NAME)
    task.groups.set([Group.objects.get_or_create(name=name)[0] for name in APPROVERS])
    workflow = Workflow.objects.filter(name=NAME).first() or Workflow.objects.create(name=NAME)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    for model in publishables():
        content_type = ContentType.objects.db_manager(using).get_for_model(model)
        WorkflowContentType.objects.update_or_create(
            content_type=content_type, defaults={"workflow": workflow}
        )
