"""The life of every row of the console: deleted while nobody names it, else retired, merged, moved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.catalog.models import Brand, Category, Product, Supplier
from apps.console_kit.lists import registry
from apps.insights.metrics import ACTIVE_HOSTS, Question, totals
from apps.insights.periods import last_days
from apps.insights.selectors import EVERYBODY
from apps.learning.models import Case, Lesson, Path, PathLesson
from apps.library.desk import plan
from apps.library.models import Festival, ForbiddenWord, Issue, IssueEntry, Material, PosterTemplate
from apps.media.models import Video
from tests.accounts import walking
from tests.console.listing import Acting
from tests.factories import a_branch, a_host, a_sku
from tests.learning.cases import published
from tests.learning.lessons import a_lesson, a_path
from tests.library import desk
from tests.library.desk import a_material, a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return browser(a_person(roles.ADMIN, "boss", "总部小何"))


def a_product(**fields: Any) -> Product:
    sku = a_sku("没上过架的")
    Product.objects.filter(pk=sku.product_id).update(**{"status": "draft", **fields})
    return Product.objects.get(pk=sku.product_id)


def a_film() -> Video:
    return Video.objects.create(
        title="一段", file="x.mp4", cover=desk.a_picture(), duration_s=3, size_bytes=9, width=9, height=9
    )


def in_a_draft(**fields: Any) -> None:
    """A material whose newest draft, and nothing that is live, names these."""
    material = a_material(title="在改的")
    draft = material.get_latest_revision_as_object()
    for name, value in fields.items():
        if isinstance(value, list):
            getattr(draft, name).set(value)
        else:
            setattr(draft, name, value)
    draft.save_revision()


def a_draft(model: Any, **fields: Any) -> Any:
    row = model(**fields)
    row.live = False
    row.save()
    row.save_revision()
    return row


def planned(material: Material) -> None:
    """In the newest draft of an issue, not in its table."""
    issue = desk.an_issue(a_person(roles.EDITOR, "editor"), [])
    Issue.objects.filter(pk=issue.pk).update(live=True)
    plan.put(issue.pk, material.pk, day=2, by=a_person(roles.EDITOR, "other"), now=timezone.now())
    assert not IssueEntry.objects.filter(material=material).exists()


def in_a_path(lesson: Lesson) -> None:
    row = a_draft(Path, title="在写的路", min_level=1, max_level=3)
    row.lessons.create(lesson=lesson)
    row.save_revision()
    assert not PathLesson.objects.exists()


@dataclass(frozen=True)
class Kind:
    """How a row comes into being, how somebody comes to name it, and who that is in the refusal."""

    make: Callable[[], Any]
    use: Callable[[Any], Any]
    named: str


def _handed_in(row: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(first_published_at=timezone.now())


KINDS: dict[str, Kind] = {
    "brands": Kind(
        lambda: Brand.objects.create(name="新牌子"), lambda row: a_product(brand=row), "有商品用着它"
    ),
    "suppliers": Kind(
        lambda: Supplier.objects.create(name="新果园"), lambda row: a_product(supplier=row), "有商品用着它"
    ),
    "categories": Kind(
        lambda: Category.objects.create(name="新类目"),
        lambda row: Category.objects.create(name="下面的", parent=row),
        "有类目用着它",
    ),
    "products": Kind(a_product, lambda row: in_a_draft(product=row), "有素材用着它"),
    "images": Kind(desk.a_picture, lambda row: in_a_draft(cover=row), "有素材用着它"),
    "videos": Kind(a_film, lambda row: in_a_draft(video=row), "有素材用着它"),
    "poster-templates": Kind(
        lambda: PosterTemplate.objects.create(name="新版式"),
        lambda row: in_a_draft(poster_template=row),
        "有素材用着它",
    ),
    "festivals": Kind(
        lambda: Festival.objects.create(name="店庆", calendar="solar", month=6, day=18),
        lambda row: in_a_draft(festivals=[row]),
        "有素材用着它",
    ),
    "words": Kind(lambda: ForbiddenWord.objects.create(word="最最好"), lambda row: None, ""),
    "organisations": Kind(
        lambda: a_branch("新门店"), lambda row: a_host("lin", organisation=row), "有大C、大C变动记录用着它"
    ),
    "materials": Kind(lambda: a_material(title="草稿", live=False), planned, "有双周主题用着它"),
    "issues": Kind(lambda: desk.an_issue(a_person(roles.EDITOR), []), _handed_in, "发布过，不能删"),
    "cases": Kind(
        lambda: a_draft(Case, title="在写的", month=timezone.now().date().replace(day=1)),
        _handed_in,
        "发布过，不能删",
    ),
    "lessons": Kind(lambda: a_draft(Lesson, title="在写的课", minutes=3), in_a_path, "有学习路径用着它"),
    "paths": Kind(
        lambda: a_draft(Path, title="在写的路", min_level=1, max_level=3), _handed_in, "发布过，不能删"
    ),
}


def lives() -> list[tuple[str, Any]]:
    """Every list of rows that somebody edits."""
    return [
        (key, viewset)
        for key, viewset in sorted(registry.every().items())
        if viewset.get_common_view_kwargs().get("edit_url_name")
    ]


def test_every_list_of_rows_that_are_edited_says_what_may_become_of_them() -> None:
    said = {key: viewset.desk.life for key, viewset in lives()}
    assert None not in said.values()
    assert {key for key, life in said.items() if life.permission} == set(KINDS)
    for key, life in said.items():
        acts = {act.key for act in registry.every()[key].desk.acts}
        assert set(life.acts) <= acts, key
        assert life.permission or life.never, key
        assert life.retire, key
    assert {key for key, life in said.items() if life.merge} == {"brands", "categories", "suppliers"}
    assert {key for key, life in said.items() if life.move} == {"organisations"}


@pytest.mark.parametrize("key", KINDS)
def test_a_row_that_nobody_names_goes_and_one_that_is_named_stays_with_the_reason(
    client: Client, key: str
) -> None:
    kind = KINDS[key]
    unused = kind.make()
    model = type(unused)
    asked = client.get(f"/hq/lists/{key}/do/delete/?row={unused.pk}")
    assert "可以做 1 条" in text_of(asked)
    assert "找不回来" in text_of(asked)
    assert model._default_manager.filter(pk=unused.pk).exists()

    Acting(client, key, "delete").confirm(asked)

    assert not model._default_manager.filter(pk=unused.pk).exists()
    if not kind.named:
        return
    used = kind.make()
    kind.use(used)
    assert kind.named in text_of(client.get(f"/hq/lists/{key}/do/delete/?row={used.pk}"))
    ended = text_of(Acting(client, key, "delete").all_the_way(ids=[used.pk]))
    assert "选中的都不能删除" in ended
    assert model._default_manager.filter(pk=used.pk).exists()


#: Rows in use, and how they look once more people may not choose them.
RETIRED: dict[str, tuple[Callable[[Any], bool], Callable[[], Any]]] = {
    **{
        key: (lambda row: bool(row.is_active), KINDS[key].make)
        for key in (
            "brands", "suppliers", "categories", "images", "videos", "poster-templates", "festivals", "words",
            "organisations",
        )
    },
    "products": (lambda row: bool(row.is_on_sale), lambda: a_sku("在卖的").product),
    "staff": (lambda row: bool(row.is_active), lambda: a_person(roles.EDITOR, "somebody")),
    "materials": (lambda row: bool(row.live), a_material),
    "lessons": (lambda row: bool(row.live), lambda: a_lesson("一课")),
    "paths": (lambda row: bool(row.live), lambda: a_path(a_lesson("一课"))),
    "cases": (lambda row: bool(row.live), lambda: published(a_host("lin"))),
    "issues": (lambda row: bool(row.live), lambda: _live(KINDS["issues"].make())),
}  # fmt: skip


def _live(row: Any) -> Any:
    type(row)._default_manager.filter(pk=row.pk).update(live=True)
    return row


@pytest.mark.parametrize("key", RETIRED)
def test_a_row_goes_out_of_use_and_comes_back(client: Client, key: str) -> None:
    is_in_use, make = RETIRED[key]
    life = registry.every()[key].desk.life
    row = make()
    model = type(row)
    assert set(RETIRED) == {one for one, _ in lives()}

    Acting(client, key, life.retire).all_the_way(ids=[row.pk])
    assert not is_in_use(model._default_manager.get(pk=row.pk))

    if life.bring_back:
        Acting(client, key, life.bring_back).all_the_way(ids=[row.pk])
        assert is_in_use(model._default_manager.get(pk=row.pk))


def test_the_page_of_a_row_offers_what_may_become_of_it(client: Client) -> None:
    world = walking.World()
    for key, viewset in lives():
        row = model_row(world, viewset)
        page = client.get(viewset_edit(viewset, row)).content.decode()
        life = viewset.desk.life
        offered = {one for one in life.acts if f"/hq/lists/{key}/do/{one}/?row={row.pk}" in page}
        switches = {life.retire, life.bring_back}
        assert offered - switches == set(life.acts) - switches, key
        assert len(offered & switches) <= 1 or not life.bring_back, key


def model_row(world: walking.World, viewset: Any) -> Any:
    return viewset.scope(User.objects.get(username="boss"), viewset.model._default_manager.all()).latest("pk")


def viewset_edit(viewset: Any, row: Any) -> str:
    return reverse(viewset.get_common_view_kwargs()["edit_url_name"], args=[row.pk])


# --- what is out of use is offered no more --------------------------------------------------------------


def test_what_is_out_of_use_is_not_offered_but_stays_where_it_was_chosen(client: Client) -> None:
    old, new = Brand.objects.create(name="老牌子"), Brand.objects.create(name="新牌子")
    chosen, other = a_sku("苹果").product, a_sku("梨").product
    Product.objects.filter(pk=chosen.pk).update(brand=old)
    Acting(client, "brands", "switch-off").all_the_way(ids=[old.pk])

    def offered(product: Product) -> set[str]:
        page = BeautifulSoup(client.get(f"/hq/products/edit/{product.pk}/").content, "html.parser")
        return {one.text for one in page.select("select[name=brand] option")}

    assert offered(chosen) >= {"老牌子", "新牌子"}
    assert "老牌子" not in offered(other)
    assert new.name in offered(other)
    assert Product.objects.get(pk=chosen.pk).brand == old
    asked = client.post("/hq/lists/products/do/brand/", {"row": [other.pk]})
    assert "老牌子" not in text_of(asked)


def test_choosers_leave_out_what_is_sold_no_more_and_films_out_of_use(client: Client) -> None:
    sold, gone = a_sku("在卖的").product, a_sku("不卖的").product
    Product.objects.filter(pk=gone.pk).update(status="off")
    words = client.get("/hq/products/choose/results/").content.decode()
    assert sold.title in words
    assert gone.title not in words
    film = a_film()
    Acting(client, "videos", "switch-off").all_the_way(ids=[film.pk])
    assert film.title not in client.get("/hq/videos/choose/results/").content.decode()


def test_nobody_is_placed_at_a_node_out_of_use_and_one_with_people_stays_open(client: Client) -> None:
    east, empty = a_branch("华东"), a_branch("撤掉的店")
    a_host("lin", organisation=east)
    words = text_of(Acting(client, "organisations", "switch-off").all_the_way(ids=[east.pk, empty.pk]))
    assert "还有 1 位大C在这里，先调走" in words
    assert list(Organisation.objects.filter(is_active=False)) == [empty]
    for page in ("/hq/hosts/add/", "/hq/staff/new/", "/hq/organisations/new/"):
        shown = client.get(page).content.decode()
        assert "华东" in shown, page
        assert "撤掉的店" not in shown, page


# --- two become one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "model", "field"), [
    ("brands", Brand, "brand"), ("suppliers", Supplier, "supplier"), ("categories", Category, "category"),
])  # fmt: skip
def test_two_that_mean_the_same_become_one_and_may_be_taken_apart(
    client: Client, key: str, model: Any, field: str
) -> None:
    kept, gone = model.objects.create(name="山野集"), model.objects.create(name="山野 集子")
    moved = [a_sku(f"苹果 {number}").product for number in range(2)]
    stays = a_sku("梨").product
    Product.objects.filter(pk__in=[one.pk for one in moved]).update(**{field: gone})
    Product.objects.filter(pk=stays.pk).update(**{field: kept})
    acting = Acting(client, key, "merge")

    shown = acting.preview(ids=[gone.pk], into=str(kept.pk))
    assert "2 个商品改挂到「山野集」" in text_of(shown)
    ended = acting.confirm(shown)

    assert set(Product.objects.filter(**{field: kept})) == {*moved, stays}
    gone.refresh_from_db()
    assert (gone.is_active, gone.merged_into) == (False, kept)
    assert gone.meant == kept
    assert "并入「山野集」" in text_of(client.get(f"/hq/{key}/?v=all"))
    assert ModelLogEntry.objects.filter(object_id=str(gone.pk), content_type__model=field).exists()
    # One of the two was sorted anew since: it stays where somebody put it.
    third = model.objects.create(name="别的")
    Product.objects.filter(pk=moved[1].pk).update(**{field: third})
    client.post(ended.redirect_chain[-1][0])
    assert set(Product.objects.filter(**{field: gone})) == {moved[0]}
    assert set(Product.objects.filter(**{field: kept})) == {stays}
    gone.refresh_from_db()
    assert (gone.is_active, gone.merged_into) == (True, None)


def test_a_category_takes_those_below_along_and_never_ends_under_itself(client: Client) -> None:
    fruit, apples = Category.objects.create(name="水果"), Category.objects.create(name="鲜果")
    red = Category.objects.create(name="红的", parent=apples)
    words = text_of(Acting(client, "categories", "merge").all_the_way(ids=[apples.pk], into=str(red.pk)))
    assert "先给「红的」换个上级" in words
    words = text_of(Acting(client, "categories", "merge").preview(ids=[apples.pk], into=str(apples.pk)))
    assert "不能并到它自己" in words
    Acting(client, "categories", "merge").all_the_way(ids=[apples.pk], into=str(fruit.pk))
    assert Category.objects.get(pk=red.pk).parent == fruit


# --- places move --------------------------------------------------------------------------------------------


def test_a_place_moves_with_all_that_hangs_on_it_and_past_days_stay(client: Client) -> None:
    east, south = a_branch("华东"), a_branch("华南")
    store = east.add_child(name="徐汇店", kind=Organisation.Kind.STORE)
    team = store.add_child(name="早班", kind=Organisation.Kind.TEAM)
    south.refresh_from_db()
    lin = a_host("lin", organisation=team)
    manager = a_person(roles.REGION_MANAGER, "manager", "东区经理")
    User.objects.filter(pk=manager.pk).update(organisation=east)
    acting = Acting(client, "organisations", "move")

    for node, parent, why in (
        (store, team, "就在它下面"),
        (store, store, "不能放到它自己下面"),
        (store, east, "已经在「华东」下面"),
        (Organisation.get_first_root_node(), south, "公司这一级不能移"),
    ):
        assert why in text_of(acting.preview(ids=[node.pk], parent=str(parent.pk)))

    shown = acting.preview(ids=[store.pk], parent=str(south.pk))
    words = text_of(shown)
    assert "1 个组织跟着走" in words
    assert "1 位大C跟着走" in words
    assert "看不到这里的区域经理：东区经理" in words
    assert "过去每天的数字不变" in words
    before = _hosts_by_place()
    seen = browser(User.objects.get(pk=manager.pk))
    assert lin.name in text_of(seen.get("/hq/hosts/?v=all"))

    ended = acting.confirm(shown)

    team.refresh_from_db()
    assert [one.name for one in team.get_ancestors()][-2:] == ["华南", "徐汇店"]
    assert Organisation.find_problems() == ([], [], [], [], [])
    assert Host.objects.get(pk=lin.pk).organisation == team
    assert _hosts_by_place() == before
    assert lin.name not in text_of(seen.get("/hq/hosts/?v=all"))
    client.post(ended.redirect_chain[-1][0])
    team.refresh_from_db()
    assert [one.name for one in team.get_ancestors()][-2:] == ["华东", "徐汇店"]


def _hosts_by_place() -> dict[str, Any]:
    """Hosts in use on a day by the node at which they were, as the pages of numbers count them."""
    now = timezone.now()
    return {
        node.name: totals(
            [ACTIVE_HOSTS],
            Question(hosts=EVERYBODY, span=last_days(7, now), now=now, organisation=node),
        )
        for node in Organisation.objects.order_by("pk")
    }
