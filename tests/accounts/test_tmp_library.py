import pytest
from tests.accounts import walking
from tests.accounts.route_table import ROUTES
from tests.accounts.test_route_table import EVERYBODY
@pytest.mark.django_db
def test_mine():
    world = walking.World()
    expected = {k: v for k, v in ROUTES.items() if "poster-templ" in k or "festivals" in k or k in ("materials/<uuid:public_id>/words/", "materials/<uuid:public_id>/favourite/")}
    seen = {route: "".join(who for who in EVERYBODY if world.gets(who, route)) for route in expected}
    assert seen == expected
