"""Checks before review: what blocks, what is only said, where it stands and how to mend it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.accounts import roles
from apps.catalog.models import Product, Sku
from apps.library import services
from apps.library.checks import Draft, check, claims, likeness
from apps.library.checks.draft import Finding, Text
from apps.library.models import ForbiddenWord, Material, MaterialPicture, TextPrint
from apps.library.selectors import with_state
from tests.factories import a_sku
from tests.library import desk

pytestmark = pytest.mark.django_db

ADD = "/hq/materials/add/"
LONG = (
    "昨天晚上煮了一锅小米粥，放了红枣和南瓜，孩子连喝两碗。小米是老家今年的新米，熬出来上面一层米油，"
    "香得很。想要的姐妹在群里说一声，我一起帮大家带。"
)


def of(**texts: str) -> Draft:
    return Draft(texts=[Text(name, name, words) for name, words in texts.items()])


def said(findings: list[Finding]) -> str:
    return "\n".join(str(finding) for finding in findings)


def hand_in(**form: Any) -> Any:
    data = {**desk.material_form(kind="script", title="开场白", **form), "action-submit": "1"}
    return desk.browser(desk.an_editor(f"e{Material.objects.count()}")).post(ADD, data)


# --- forbidden words ----------------------------------------------------------------------------------


def test_a_forbidden_word_is_refused_with_its_place_and_what_to_say_instead() -> None:
    answer = hand_in(share_text="这是全国最佳的小米。")

    [error] = answer.context["form"].errors["share_text"]
    assert error == "「分享文案」里有「最佳」（绝对化用语）。可以改成：很适合。"
    assert not Material.objects.exists()


@pytest.mark.parametrize("words", ["最 佳", "最·佳", "最\u200b佳", "最*佳", "最_佳", "最\n佳"])
def test_a_word_is_seen_through_what_is_put_between_its_characters(words: str) -> None:
    assert "「最佳」" in said(check(of(share_text=f"真是{words}的小米")))


def test_wide_letters_are_the_plain_ones() -> None:
    assert "100%有效" in said(check(of(share_text="１００％有效")))


@pytest.mark.parametrize("words", ["第一次喝", "第一天就到", "治愈系的杯子", "最好提前说一声"])
def test_a_word_inside_one_that_is_fine_is_fine(words: str) -> None:
    assert check(of(share_text=words)) == []


def test_the_same_word_is_named_at_each_of_its_places_and_the_longest_once() -> None:
    findings = check(of(title="全国第一", share_text="第一！真的是第一"))

    assert [finding.field for finding in findings] == ["title", "share_text", "share_text"]
    assert "「全国第一」" in findings[0].problem
    assert findings[2].excerpt == "第一！真的是第一"


def test_a_word_that_only_warns_does_not_stop_the_material() -> None:
    [finding] = check(of(share_text="这款神器真好用"))
    assert (finding.blocks, finding.mend) == (False, "可以改成：好帮手。")

    hand_in(share_text="这款神器真好用")

    assert with_state(Material.objects.all()).get().state == "review"


def test_the_list_is_edited_in_the_console_and_counts_at_once() -> None:
    client = desk.browser(desk.a_reviewer())
    form = {
        "word": "呱呱叫",
        "level": "block",
        "reason": "店里不用",
        "instead": "好用",
        "fine_in": "",
        "is_active": "on",
    }

    client.post("/hq/words/new/", form)
    assert "「呱呱叫」（店里不用）。可以改成：好用。" in said(check(of(title="呱呱叫的锅")))

    word = ForbiddenWord.objects.get(word="呱呱叫")
    client.post(f"/hq/words/edit/{word.pk}/", {**form, "is_active": ""})
    assert check(of(title="呱呱叫的锅")) == []
    assert "呱呱叫" in client.get("/hq/words/", {"q": "呱呱"}).content.decode()


def test_the_same_word_twice_in_the_list_is_refused() -> None:
    answer = desk.browser(desk.a_reviewer()).post("/hq/words/new/", {"word": "最佳", "level": "block"})

    assert "word" in answer.context["form"].errors


@pytest.mark.parametrize("role", [roles.EDITOR, roles.OPERATOR, roles.SUPPORT])
def test_who_does_not_approve_does_not_change_the_list(role: str) -> None:
    client = desk.browser(desk.a_person(role))
    word = ForbiddenWord.objects.get(word="最佳")

    client.post(f"/hq/words/edit/{word.pk}/", {"word": "最佳", "level": "warn"})
    client.post(f"/hq/words/delete/{word.pk}/")

    word.refresh_from_db()
    assert word.level == "block"


@time_machine.travel(desk.NOW, tick=False)
def test_the_words_of_an_issue_are_checked_too() -> None:
    editor = desk.an_editor()
    issue = desk.an_issue(editor, [desk.a_material()])

    answer = desk.browser(editor).post(
        f"/hq/issues/edit/{issue.pk}/",
        {**desk.issue_form(issue, theme="全国第一的春天"), "action-submit": "1"},
    )

    assert "「全国第一」" in " ".join(answer.context["form"].errors["theme"])


# --- prices -------------------------------------------------------------------------------------------


def found_in(words: str) -> list[tuple[int, bool]]:
    return [(claim.fen, claim.is_price) for claim in claims.claims_in([Text("", "", words)])]


@pytest.mark.parametrize(
    ("words", "amounts"),
    [
        ("今天 59 元", [(5_900, True)]),
        ("¥59.90 一盒", [(5_990, True)]),
        ("￥1,299", [(129_900, True)]),
        ("只要59块钱", [(5_900, True)]),
        ("59块，包邮", [(5_900, True)]),
        ("原价 79 元，现在 59 元", [(7_900, True), (5_900, True)]),
        ("满199元包邮", [(19_900, False)]),
        ("立减20元", [(2_000, False)]),
        ("2件99元", [(9_900, False)]),
        ("运费 10 元", [(1_000, False)]),
        ("30 分钟，59 元素，1.5 块蛋糕", []),
        ("2026 年 3 月 5 日", []),
    ],
)
def test_amounts_are_read_as_people_write_them(words: str, amounts: list[tuple[int, bool]]) -> None:
    assert found_in(words) == amounts


def test_a_price_that_no_sku_of_the_product_has_blocks_and_names_the_real_ones() -> None:
    sku = a_sku("小米", price_fen=5_900)
    Sku.objects.create(product=sku.product, code="B", retail_price_fen=9_900, stock=1)

    answer = hand_in(share_text="今天 49 元", product=sku.product.pk, expire_at="2099-01-01 00:00")

    [error] = answer.context["form"].errors["share_text"]
    assert error == (
        "「分享文案」写着 ¥49.00，可是「小米」没有这个价。"
        "现在的价是 ¥59.00、¥99.00，请改成其中一个或去掉价格。"
    )
    assert not Material.objects.exists()


def test_a_price_of_the_catalog_goes_through() -> None:
    sku = a_sku("小米", price_fen=5_900)

    hand_in(share_text="今天 59 元", product=sku.product.pk, expire_at="2099-01-01 00:00")

    assert with_state(Material.objects.all()).get().state == "review"


def test_prices_that_can_not_be_compared_are_named_and_go_through() -> None:
    findings = check(of(share_text="今天 59 元"))

    assert not any(finding.blocks for finding in findings)
    assert "没有关联商品，没法核对" in said(findings)
    assert "请设一个到期时间" in said(findings)


def test_a_saving_is_no_price() -> None:
    sku = a_sku("小米", price_fen=5_900)
    draft = Draft(texts=[Text("share_text", "分享文案", "满 199 元减 20 元")], product=sku.product)

    assert [finding.blocks for finding in check(draft)] == [False, False]


@pytest.mark.parametrize(("status", "blocks"), [("off", True), ("draft", True), ("active", False)])
def test_a_product_off_the_shelf_blocks(status: str, blocks: bool) -> None:
    sku = a_sku("小米", status=status)

    hand_in(product=sku.product.pk)

    assert Material.objects.exists() is not blocks


def test_a_sold_out_product_is_only_named() -> None:
    product = a_sku("小米", stock=0).product

    [finding] = claims.product(Draft(texts=[], product=Product.objects.get(pk=product.pk)))

    assert (finding.blocks, finding.problem) == (False, "「小米」没有库存了。")


# --- length, pictures ---------------------------------------------------------------------------------


def test_a_text_that_wecom_takes_not_blocks_and_one_that_is_folded_is_named() -> None:
    too_long = check(of(share_text="字" * 1_400))
    folded = check(of(share_text="字" * 121))

    assert [finding.blocks for finding in too_long] == [True]
    assert [(finding.blocks, "朋友圈" in finding.mend) for finding in folded] == [(False, True)]
    assert check(of(share_text="字" * 120)) == []


def test_a_long_title_is_named() -> None:
    assert "有 25 个字" in said(check(of(title="题" * 25)))


def test_small_and_long_pictures_are_named_by_their_number() -> None:
    small, narrow = desk.a_picture("小图"), desk.a_picture("长图")
    type(small).objects.filter(pk=narrow.pk).update(width=800, height=3_000)
    narrow.refresh_from_db()

    findings = check(Draft(texts=[], pictures=[small, narrow]))

    assert [finding.place for finding in findings] == ["图片 1「小图」", "图片 2「长图」"]
    assert "发出去会糊" in findings[0].problem
    assert "又长又窄" in findings[1].problem


def test_a_picture_too_big_for_wecom_blocks() -> None:
    picture = desk.a_picture("大图")
    picture.file_size, picture.width, picture.height = 11 * 1024 * 1024, 2_000, 2_000

    [finding] = check(Draft(texts=[], pictures=[picture]))

    assert (finding.blocks, finding.problem) == (True, "有 11.0 MB，")


# --- near duplicates ----------------------------------------------------------------------------------


def a_seen(text: str, title: str = "小米粥") -> Material:
    material = desk.a_material("script", title)
    material.share_text = text
    material.first_published_at = timezone.now() - timedelta(days=30)
    material.save()
    return material


def test_a_text_with_small_changes_is_recognised_and_the_earlier_one_named() -> None:
    a_seen(LONG)

    [finding] = likeness.near_duplicates(
        of(title="小米粥", share_text=LONG.replace("昨天", "前天").replace("两", "三"))
    )

    assert not finding.blocks
    assert "和「小米粥」（" in finding.problem
    assert "大C已经发过一遍" in finding.mend


def test_another_text_a_short_one_a_draft_and_its_own_are_not_duplicates() -> None:
    mine = a_seen(LONG)
    other = (
        "今天到了一批高山苹果，脆甜多汁，外皮有点花是正常的，没有打蜡，洗洗就能吃，喜欢的姐妹可以先尝一斤。"
    )

    assert likeness.near_duplicates(of(share_text=other)) == []
    assert likeness.near_duplicates(of(share_text="早上好")) == []
    assert (
        likeness.near_duplicates(Draft(texts=[Text("share_text", "分享文案", LONG)], material_id=mine.pk))
        == []
    )
    Material.objects.filter(pk=mine.pk).update(first_published_at=None)
    assert likeness.near_duplicates(of(share_text=LONG)) == []


def test_prints_follow_the_text_and_are_made_up_for_materials_that_lack_them() -> None:
    material = a_seen("别的话")
    material.share_text = LONG
    material.save()
    assert likeness.near_duplicates(of(share_text=LONG, title="小米粥"))

    TextPrint.objects.all().delete()
    assert likeness.near_duplicates(of(share_text=LONG, title="小米粥")) == []
    services.tick(now=timezone.now())

    assert likeness.near_duplicates(of(share_text=LONG, title="小米粥"))


def test_of_many_texts_the_likest_two_are_named(django_assert_num_queries: Any) -> None:
    for number in range(30):
        a_seen(LONG.replace("一锅", f"{number}锅"), f"粥{number}")

    with django_assert_num_queries(1):
        findings = likeness.near_duplicates(of(share_text=LONG))

    assert len(findings) == 2


# --- where it is seen ---------------------------------------------------------------------------------


def test_the_form_shows_what_the_checks_say_of_the_newest_draft() -> None:
    client = desk.browser(desk.an_editor())
    client.post(ADD, desk.material_form(kind="script", title="最佳开场白", share_text="今天 59 元"))
    material = Material.objects.get()
    MaterialPicture.objects.create(material=material, image=desk.a_picture("小图"))

    form = client.get(f"/hq/materials/edit/{material.pk}/").content.decode()
    page = client.get(f"/hq/fortnights/materials/{material.pk}/check/").content.decode()

    assert f'data-checks="/hq/fortnights/materials/{material.pk}/check/"' in form
    assert "「标题」里有「最佳」" in page
    assert "标「要改」的 1 处改好以后才能提交审核。" in page
    assert "没有关联商品，没法核对" in page


def test_a_clean_draft_says_so_and_nobody_else_reads_it() -> None:
    material = desk.a_material("script", "开场白")
    url = f"/hq/fortnights/materials/{material.pk}/check/"

    assert "没有要改的地方" in desk.browser(desk.an_editor()).get(url).content.decode()
    assert desk.browser(desk.a_person(roles.OPERATOR)).get(url).status_code == 302
    assert desk.browser(desk.an_editor("x")).get("/hq/fortnights/999999/check/").status_code == 404


def test_an_unfinished_draft_with_forbidden_words_may_be_saved() -> None:
    desk.browser(desk.an_editor()).post(ADD, desk.material_form(kind="script", title="最佳开场白"))

    assert Material.objects.get().title == "最佳开场白"
