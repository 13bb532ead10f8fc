"""Whole numbers in the forms that Wagtail builds are read as people type them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet

from apps.accounts import roles
from apps.catalog.models import Category
from apps.lib.forms import WholeNumberField
from tests.library import desk

pytestmark = pytest.mark.django_db


def _numbers(form: Any, place: str) -> Iterator[tuple[str, forms.Field]]:
    for name, field in form.base_fields.items():
        if isinstance(field, forms.IntegerField) and not isinstance(
            field, forms.FloatField | forms.DecimalField
        ):
            yield f"{place}.{name}", field
    for name, formset in getattr(form, "formsets", {}).items():
        yield from _numbers(formset.form, f"{place}.{name}")


def test_no_form_of_the_console_reads_numbers_as_python_does() -> None:
    reverse("wagtailadmin_home")  # Wagtail registers what is asked for with the first address
    found: dict[str, forms.Field] = {}
    for viewset in (one for one in viewsets.viewsets if isinstance(one, ModelViewSet)):
        try:
            form = viewset.get_form_class()
        except ImproperlyConfigured:  # a list that is only looked at
            continue
        found.update(_numbers(form, type(viewset).__name__))

    assert {
        "CategoryViewSet.position",
        "IssueViewSet.entries.day",
        "PosterTemplateViewSet.width",
    } <= found.keys()
    assert [place for place, field in found.items() if not isinstance(field, WholeNumberField)] == []


@pytest.mark.parametrize("typed", ["1_0", "٣", "②", "1e1"])
def test_the_place_of_a_category_is_no_number_of_pythons(typed: str) -> None:
    answer = desk.browser(desk.a_person(roles.ADMIN)).post(
        "/hq/categories/new/", {"name": "茶", "position": typed}
    )

    assert "position" in answer.context["form"].errors
    assert not Category.objects.filter(name="茶").exists()


def test_full_width_digits_are_digits() -> None:
    desk.browser(desk.a_person(roles.ADMIN)).post("/hq/categories/new/", {"name": "茶", "position": "１０"})

    assert Category.objects.get(name="茶").position == 10
