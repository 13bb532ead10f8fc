"""Where HQ's pages of numbers hang, below `/hq/insights/`."""

from django.urls import path

from apps.insights.console import cases, helping, learning, numbers, results

urlpatterns = [
    path("", numbers.hosts, name="hosts"),
    path("helping/", helping.helping, name="helping"),
    path("issues/", results.issues, name="issues"),
    path("issues/<uuid:public_id>/", results.issue, name="issue"),
    path("issues/<uuid:public_id>/report.xlsx", results.workbook, name="issue-workbook"),
    path("materials/", results.materials, name="materials"),
    path("materials/<uuid:public_id>/", results.material, name="material"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<uuid:public_id>/", cases.case, name="case"),
    path("learning/", learning.training_progress, name="learning"),
    path("<slug:name>/", numbers.rows, name="rows"),
]
