"""Acts on many rows: the filtered set and no other, told before, done once, refused for a reason, undone."""

from uuid import UUID

import pytest
from django.test import Client

from apps.accounts import roles
from apps.catalog.models import Brand, Product
from apps.console_kit.lists import running
from apps.console_kit.models import BulkItem, BulkRun
from apps.tracking.models import Event
from tests.console.listing import Acting, counted, hidden
from tests.factories import a_sku
from tests.library.desk import a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    return browser(a_person(roles.ADMIN, "boss"))


def on_sale() -> set[str]:
    return set(Product.objects.on_sale().values_list("title", flat=True))


def test_all_that_is_filtered_is_replayed_on_the_server_and_nothing_else(boss: Client) -> None:
    for number in range(40):
        a_sku(f"苹果 {number}", stock=0 if number < 35 else 50)
    a_sku("梨", stock=0)

    shown = boss.get("/hq/products/?stock=none&q=苹果")
    assert counted(shown) == 35  # more than a page holds
    ended = Acting(boss, "products", "take-off").all_the_way(query="stock=none&q=苹果")

    assert "35 条做好了" in text_of(ended)
    assert on_sale() == {"梨", *(f"苹果 {number}" for number in range(35, 40))}
    assert Event.objects.filter(name="product.taken_off").count() == 35


def test_what_it_means_is_said_before_and_changed_numbers_are_asked_again(boss: Client) -> None:
    a_sku("苹果")
    a_sku("待上架的", status=Product.Status.DRAFT)
    acting = Acting(boss, "products", "take-off")

    shown = acting.preview()
    words = text_of(shown)
    assert "小c马上买不了它" in words
    assert "1 条不做：现在没有在售" in words
    assert "待上架的" in words
    assert on_sale() == {"苹果"}

    a_sku("后来的")
    again = acting.confirm(shown)
    assert "刚才看到的数字变了" in text_of(again)
    assert on_sale() == {"苹果", "后来的"}

    assert "2 条做好了，1 条没有做" in text_of(acting.confirm(again))
    assert on_sale() == set()


def test_each_refused_row_has_its_reason_and_its_link(boss: Client) -> None:
    a_sku("苹果", status=Product.Status.OFF)
    bare = a_sku("空的", status=Product.Status.DRAFT)
    acting = Acting(boss, "products", "offer")
    shown = acting.preview()
    bare.delete()  # between reading and saying yes

    shown = acting.confirm(shown)
    ended = acting.confirm(shown)

    assert "1 条做好了，1 条没有做" in text_of(ended)
    assert "还没有规格和价格" in text_of(ended)
    assert f"/hq/products/edit/{bare.product_id}/" in ended.content.decode()


def test_sent_twice_it_is_done_once(boss: Client) -> None:
    a_sku("苹果")
    acting = Acting(boss, "products", "take-off")
    shown = acting.preview()
    acting.confirm(shown)
    Product.objects.update(status=Product.Status.ACTIVE)

    acting.confirm(shown)

    assert BulkRun.objects.count() == 1
    assert on_sale() == {"苹果"}


def test_taken_back_once_and_what_was_changed_since_is_left_and_told(boss: Client) -> None:
    brand = Brand.objects.create(name="山野集")
    one, other = a_sku("苹果").product, a_sku("梨").product
    ended = Acting(boss, "products", "brand").all_the_way(to=str(brand.pk))
    assert set(Product.objects.values_list("brand", flat=True)) == {brand.pk}
    page = ended.redirect_chain[-1][0]
    Product.objects.filter(pk=other.pk).update(brand=Brand.objects.create(name="别的"))
    Product.objects.filter(pk=one.pk).update(status=Product.Status.OFF)

    back = boss.post(page, follow=True)

    words = text_of(back)
    assert "1 条撤销了，1 条没有撤销" in words
    assert "之后又有人改过，没有动它" in words
    one.refresh_from_db()
    other = Product.objects.get(pk=other.pk)
    assert (one.brand_id, one.status) == (None, Product.Status.OFF)
    assert str(other.brand) == "别的"

    Product.objects.update(brand=brand)
    boss.post(page)
    assert set(Product.objects.values_list("brand", flat=True)) == {brand.pk}


def test_what_has_to_be_chosen_is_asked_first(boss: Client) -> None:
    a_sku("苹果")
    acting = Acting(boss, "products", "category")

    shown = acting.preview(to="")

    assert "请选一个类目" in text_of(shown)
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize("role", [roles.EDITOR, roles.OPERATOR])
def test_who_may_not_change_one_may_not_change_many(role: str) -> None:
    a_sku("苹果")
    client = browser(a_person(role))

    answer = Acting(client, "products", "take-off").preview()

    assert answer.status_code in {302, 403}
    assert "take-off" not in client.get("/hq/products/").content.decode()
    assert on_sale() == {"苹果"}


def test_nothing_chosen_and_filters_that_mean_nothing_do_nothing(boss: Client) -> None:
    a_sku("苹果")
    acting = Acting(boss, "products", "take-off")

    for shown in (acting.preview(ids=[]), acting.preview(query="created_at_after=昨天")):
        assert shown.status_code == 302
    assert not BulkRun.objects.exists()


def test_another_persons_run_is_not_there(boss: Client) -> None:
    a_sku("苹果")
    Acting(boss, "products", "take-off").all_the_way()
    run = BulkRun.objects.get()
    other = browser(a_person(roles.ADMIN, "other"))

    assert boss.get(f"/hq/lists/products/runs/{run.public_id}/").status_code == 200
    for public_id in (run.public_id, UUID(int=1)):
        assert other.get(f"/hq/lists/products/runs/{public_id}/").status_code == 404
        assert other.post(f"/hq/lists/products/runs/{public_id}/").status_code == 404
    assert on_sale() == set()


def test_many_are_left_to_a_worker_and_a_broken_run_goes_on(boss: Client) -> None:
    from apps.outbox.services import jobs

    for number in range(running.AT_ONCE + 5):
        a_sku(f"苹果 {number}")
    ended = Acting(boss, "products", "take-off").all_the_way()
    assert "正在做" in text_of(ended)
    run = BulkRun.objects.get()
    # A worker that died after its first chunk.
    assert running._chunk(run.pk, run.begun_at)
    assert 0 < run.items.filter(state=BulkItem.State.WAITING).count() < running.AT_ONCE

    jobs.drain()

    assert on_sale() == set()
    assert f"{running.AT_ONCE + 5} 条做好了" in text_of(boss.get(ended.redirect_chain[-1][0]))


def test_the_form_names_the_set_and_not_its_rows(boss: Client) -> None:
    for number in range(60):
        a_sku(f"苹果 {number}")

    carried = hidden(Acting(boss, "products", "take-off").preview(query="q=苹果"))

    assert carried["query"] == ["q=%E8%8B%B9%E6%9E%9C"]
    assert "row" not in carried


def test_a_run_that_is_anothers_already_is_told_again_and_becomes_her_own(boss: Client) -> None:
    a_sku("苹果")
    Acting(boss, "products", "take-off").all_the_way()
    taken = str(BulkRun.objects.get().public_id)
    a_sku("梨")
    other = browser(a_person(roles.ADMIN, "other"))
    shown = Acting(other, "products", "take-off").preview()

    address = "/hq/lists/products/do/take-off/"
    again = other.post(address, {**hidden(shown), "run": [taken]})
    assert again.status_code == 200
    assert on_sale() == {"梨"}
    other.post(address, hidden(again))

    assert on_sale() == set()
    assert BulkRun.objects.count() == 2


def test_a_run_calls_its_rows_what_they_are_called_now(boss: Client) -> None:
    row = a_sku("苹果").product
    ended = Acting(boss, "products", "take-off").all_the_way()
    address = ended.redirect_chain[-1][0]
    assert "苹果" in text_of(ended)

    Product.objects.filter(pk=row.pk).update(title="别的")
    assert "别的" in text_of(boss.get(address))
    assert "苹果" not in text_of(boss.get(address))
