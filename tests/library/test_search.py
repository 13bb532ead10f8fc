"""The library's search and filters, and what a host makes of the materials."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import Host
from apps.library import access, services
from apps.library.models import Favourite, Festival, HostVariant, Material, MaterialText
from apps.library.selectors import (
    Wanted,
    favourites_among,
    festivals_ahead,
    festivals_in_use,
    own_variant,
    search,
)
from tests.factories import a_host, a_sku
from tests.library import desk

pytestmark = pytest.mark.django_db


def titles(wanted: Wanted) -> list[str]:
    host = Host.objects.first() or a_host("lin")
    return [material.title for material in search(access.materials_for(host, desk.NOW), wanted, host=host)]


def test_a_word_must_stand_in_one_piece() -> None:
    desk.a_material("script", "小米粥", share_text="小米 米粥")
    desk.a_material("script", "粥小米")

    assert titles(Wanted(words="小米粥")) == ["小米粥"]


@pytest.mark.parametrize("words", ["米", "ｘｍ", "XMZ", "小米粥 小", "100%"])
def test_single_characters_wide_letters_and_signs_find_too(words: str) -> None:
    desk.a_material("script", "小米粥", share_text="xm 100% 好喝")
    desk.a_material("script", "别的")

    assert titles(Wanted(words=words)) == ["小米粥"]


def test_what_it_is_sold_with_labelled_as_and_said_otherwise_is_found() -> None:
    material = desk.a_material("script", "开场白", scene="icebreak", product=a_sku("桂花乌龙茶").product)
    material.festivals = [Festival.objects.get(name="冬至")]
    material.texts = [MaterialText(label="短版", text="暖暖的一杯")]
    material.save()

    for words in ("破冰", "冬至", "一杯", "ghwl", "话术"):
        assert titles(Wanted(words=words)) == ["开场白"], words


def test_filters_narrow_and_a_material_for_all_stages_suits_each() -> None:
    desk.a_material("script", "给熟客", stage="mature", scene="price")
    desk.a_material("script", "给新客", stage="new", occasion="newcomer")
    desk.a_material("article", "给谁都行")

    assert set(titles(Wanted(stage="mature"))) == {"给熟客", "给谁都行"}
    assert titles(Wanted(stage="mature", kind="script")) == ["给熟客"]
    assert titles(Wanted(scene="price")) == ["给熟客"]
    assert titles(Wanted(occasion="newcomer")) == ["给新客"]
    assert titles(Wanted(words="新客", kind="article")) == []


def test_expired_and_withdrawn_are_not_found() -> None:
    for title, fields in (
        ("过期的", {"expire_at": desk.NOW - timedelta(days=1)}),
        ("下架的", {"live": False}),
    ):
        material = desk.a_material("script", title)
        Material.objects.filter(pk=material.pk).update(**fields)

    assert titles(Wanted()) == []


def test_each_festival_has_its_day() -> None:
    days = {festival.name: on for festival, on in festivals_ahead(date(2026, 11, 23))}

    assert len(days) >= 45
    assert days["大雪"] == date(2026, 12, 7)
    assert days["冬至"] == date(2026, 12, 22)
    assert days["小雪"] == date(2027, 11, 22)
    assert days["腊八节"] == date(2027, 1, 15)
    assert days["小年"] == date(2027, 1, 30)
    assert days["除夕"] == date(2027, 2, 5)  # a month of 29 days
    assert days["春节"] == date(2027, 2, 6)
    assert days["元宵节"] == date(2027, 2, 20)
    assert days["清明"] == date(2027, 4, 5)
    assert days["母亲节"] == date(2027, 5, 9)
    assert days["端午节"] == date(2027, 6, 9)
    assert days["父亲节"] == date(2027, 6, 20)
    assert days["中秋节"] == date(2027, 9, 15)
    assert list(days.values()) == sorted(days.values())
    assert festivals_ahead(date(2026, 12, 22))[0][0].name == "冬至"  # on the day itself


def test_only_festivals_with_something_behind_them_are_offered() -> None:
    material = desk.a_material("script", "冬至话术")
    material.festivals = [Festival.objects.get(name="冬至"), Festival.objects.get(name="除夕")]
    material.save()

    offered = [festival.name for festival, _ in festivals_in_use(Material.objects.all(), now=desk.NOW)]

    assert set(offered) == {"冬至", "除夕"}
    assert titles(Wanted(festival="冬至")) == ["冬至话术"]
    assert titles(Wanted(festival="清明")) == []


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": "冬天", "calendar": "term"}, "name"),
        ({"name": "店庆", "calendar": "solar"}, "month"),
        ({"name": "店庆", "calendar": "lunar", "month": 3, "day": 31}, "day"),
    ],
)
def test_a_festival_without_a_day_is_refused(fields: dict[str, object], at: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as error:
        Festival(**fields).full_clean()

    assert at in error.value.message_dict


def test_favourites_are_each_hosts_own_and_marked_once() -> None:
    material, other = desk.a_material("script", "要收藏的"), desk.a_material("script", "不收藏的")
    lin, mei = a_host("lin2"), a_host("mei")
    for _ in range(2):
        services.set_favourite(lin, material, wanted=True, now=desk.NOW)

    assert Favourite.objects.count() == 1
    assert favourites_among(lin, [material.pk, other.pk]) == {material.pk}
    assert favourites_among(mei, [material.pk, other.pk]) == set()
    assert list(search(access.materials_for(lin, desk.NOW), Wanted(favourites=True), host=lin)) == [material]

    services.set_favourite(lin, material, wanted=False, now=desk.NOW)
    assert not Favourite.objects.exists()


def test_her_words_are_hers_and_go_back_to_hqs() -> None:
    material = desk.a_material("script", "开场白", share_text="总部这样说")
    lin, mei = a_host("lin2"), a_host("mei")
    services.keep_words(lin, material, text=" 我这样说 ", now=desk.NOW)

    assert own_variant(lin, material) == "我这样说"
    assert own_variant(mei, material) == ""
    material.refresh_from_db()
    assert material.share_text == "总部这样说"

    for text in ("", "总部这样说"):
        services.keep_words(lin, material, text="我这样说", now=desk.NOW)
        services.keep_words(lin, material, text=text, now=desk.NOW)
        assert not HostVariant.objects.exists()


def test_the_search_reads_the_index_of_pieces() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Material.objects.matching("小米").order_by().explain()

    assert "material_grams" in plan


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("米粥", True),
        ("小米粥", True),
        ("红枣小米粥", True),
        ("米小粥", False),
        ("枣米粥", False),
        ("小米红枣粥", False),
    ],
)
def test_words_of_every_length_must_stand_as_written(words: str, found: bool) -> None:
    material = desk.a_material("script", "红枣小米粥", share_text="米饭和小粥")

    assert list(Material.objects.matching(words)) == ([material] if found else [])
