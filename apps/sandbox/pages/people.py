"""Finding members and customers by what a person types."""

from django.db.models import Q, QuerySet

from apps.sandbox.models import Customer, Member


def found_members(asked: str) -> QuerySet[Member]:
    members = Member.objects.order_by("pk")
    return members.filter(Q(name__icontains=asked) | Q(userid__icontains=asked)) if asked else members


def found_customers(asked: str) -> QuerySet[Customer]:
    customers = Customer.objects.order_by("-pk")
    return customers.filter(name__icontains=asked) if asked else customers
