from django.apps import AppConfig


class ReachConfig(AppConfig):
    name = "apps.reach"
    verbose_name = "触达"

    def ready(self) -> None:
        from apps.customers import console as customers
        from apps.customers.handover import moving
        from apps.reach import asking
        from apps.reach.console import contacts_of_customer

        moving.follow(asking.askings_end)
        customers.panels.append(contacts_of_customer)
