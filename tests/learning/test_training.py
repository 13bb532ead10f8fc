"""Training: levels, answers, one proof at a time, days by the Shanghai clock, the board, who is stuck."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path as File
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.accounts.scope import EVERYBODY
from apps.catalog.models import Sku
from apps.insights.selectors.learning import learning_and_results
from apps.learning.models import CheckIn, Lesson, Practice, Progress
from apps.learning.training import days, selectors, services
from apps.lib.clock import SHANGHAI
from apps.library import services as content
from apps.library.models.publishing import NotPublishableError
from apps.tracking.models import Event
from tests.accounts.walking import put_down
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import buy
from tests.learning.lessons import QUESTIONS, a_lesson, a_path, body
from tests.library import desk
from tests.media import samples
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
NOW = desk.NOW
RIGHT, WRONG = 1, 0


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def lesson() -> Lesson:
    found = a_lesson()
    a_path(found)
    return found


def phone(host: Host) -> Client:
    client = Client()
    client.force_login(host.user)
    return client


def read(answer: Any) -> bytes:
    """The file of a streamed answer, closed; `answer.close()` would take the database along."""
    content = b"".join(answer.streaming_content)
    put_down(answer)
    return content


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def learned(lesson: Lesson, host: Host, now: datetime) -> bool:
    services.answer(lesson, host, question=QUESTIONS[0], choice=RIGHT, now=now)
    return services.finish(lesson, host, now=now)


# --- what is offered --------------------


def test_a_host_is_offered_the_paths_of_her_level(lin: Host) -> None:
    a_path(a_lesson("一"), title="新手", max_level=1)
    a_path(a_lesson("二"), title="老手", min_level=2)
    a_path(a_lesson("三"), title="人人")
    assert [one.path.title for one in selectors.paths_of(lin)] == ["新手", "人人"]
    lin.level = 2
    assert [one.path.title for one in selectors.paths_of(lin)] == ["人人", "老手"]


def test_a_lesson_of_another_level_and_a_draft_are_absent(lin: Host) -> None:
    high = a_lesson("高级")
    a_path(high, title="老手", min_level=3)
    loose = a_lesson("没排进路径")
    for lesson in (high, loose):
        for path in ("", "answer/", "done/", "practise/"):
            ask = phone(lin).get if not path else phone(lin).post
            assert ask(f"/learn/lessons/{lesson.public_id}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row.body.clear(), "还没有内容"),
        (lambda row: setattr(row, "body", _two_right()), "正好有一个对的选项"),
    ],
)
def test_an_unfinished_lesson_does_not_go_live(change: Callable[[Any], None], said: str) -> None:
    lesson = Lesson(title="一", live=False, body=body(QUESTIONS[0]))
    lesson.save()
    change(lesson)
    with pytest.raises(NotPublishableError, match=said):
        content.publish(lesson, by=None)


def _two_right() -> Any:
    found = body(QUESTIONS[0])
    found[1]["value"]["choices"][0]["is_right"] = True
    return Lesson(body=found).body


def test_a_path_waits_for_its_lessons() -> None:
    lesson = Lesson(title="草稿课", live=False, body=body())
    lesson.save()
    with pytest.raises(NotPublishableError, match="「草稿课」"):
        a_path(lesson)


# --- answering --------------------


def test_an_answer_is_judged_at_once_and_right_stays_right(lin: Host, lesson: Lesson) -> None:
    url = f"/learn/lessons/{lesson.public_id}/answer/"
    htmx = {"hx-request": "true"}
    wrong = phone(lin).post(url, {"question": QUESTIONS[0], "choice": WRONG}, headers=htmx).content.decode()
    right = phone(lin).post(url, {"question": QUESTIONS[0], "choice": RIGHT}, headers=htmx).content.decode()
    after = phone(lin).post(url, {"question": QUESTIONS[0], "choice": WRONG}, headers=htmx).content.decode()
    assert "不对，再想想。先听懂再说话。" in wrong
    assert "答对了" in right
    assert "答对了" in after
    row = selectors.answers_of(lesson, lin)[QUESTIONS[0]]
    assert (row.tries, row.right_at) == (2, NOW)


@pytest.mark.parametrize(
    "data", [{}, {"question": "x", "choice": "0"}, {"question": QUESTIONS[0], "choice": "9"}]
)
def test_an_answer_to_nothing_changes_nothing(lin: Host, lesson: Lesson, data: dict[str, str]) -> None:
    assert phone(lin).post(f"/learn/lessons/{lesson.public_id}/answer/", data).status_code == 302
    assert selectors.answers_of(lesson, lin) == {}


def test_a_lesson_is_finished_only_when_every_answer_is_right(lin: Host, lesson: Lesson) -> None:
    with pytest.raises(services.NotYetError, match="还有 1 道小测没答对"):
        services.finish(lesson, lin, now=NOW)
    assert not CheckIn.objects.exists()
    assert learned(lesson, lin, NOW)


# --- proof of practice --------------------


@pytest.fixture
def practised(lin: Host) -> Lesson:
    lesson = a_lesson("去群里问候", task="在群里问候一次", questions=())
    a_path(lesson)
    return lesson


def proof() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", samples.picture(), content_type="image/jpeg")


def hand_in(host: Host, lesson: Lesson, file: Any = None) -> Any:
    url = f"/learn/lessons/{lesson.public_id}/practise/"
    return phone(host).post(url, {"picture": file or proof(), "note": "发了"}, follow=True)


def test_a_proof_is_handed_in_once_judged_and_sent_back(lin: Host, practised: Lesson) -> None:
    with pytest.raises(services.NotYetError, match="还差练习"):
        services.finish(practised, lin, now=NOW)
    hand_in(lin, practised)
    hand_in(lin, practised)  # a double tap
    practice = Practice.objects.get()
    assert services.finish(practised, lin, now=NOW)  # it counts while HQ looks

    reviewer = desk.browser(desk.a_reviewer())
    url = f"/hq/practices/{practice.public_id}/judge/"
    assert "退回时请写一句" in desk.said(reviewer.post(url, {"passed": "0", "reason": ""}, follow=True))
    reviewer.post(url, {"passed": "0", "reason": "看不清是哪个群"})
    reviewer.post(url, {"passed": "1"})  # a second verdict
    practice.refresh_from_db()
    assert (practice.state, practice.reason) == ("returned", "看不清是哪个群")
    assert Progress.objects.get().finished_at is None
    assert "看不清是哪个群" in phone(lin).get(f"/learn/lessons/{practised.public_id}/").content.decode()

    hand_in(lin, practised)
    second = Practice.objects.get(state="waiting")
    reviewer.post(f"/hq/practices/{second.public_id}/judge/", {"passed": "1"})
    assert services.what_is_left(practised, lin) == ""


def test_what_is_no_picture_is_refused_and_nothing_is_kept(lin: Host, practised: Lesson) -> None:
    answer = hand_in(lin, practised, SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>"))
    assert answer.status_code == 400
    assert "图片" in answer.content.decode()
    assert not Practice.objects.exists()


def test_a_proof_is_seen_by_its_host_and_those_who_judge(lin: Host, practised: Lesson) -> None:
    hand_in(lin, practised)
    practice = Practice.objects.get()
    own, hq = (
        f"/learn/practices/{practice.public_id}/picture/",
        f"/hq/practices/{practice.public_id}/picture/",
    )

    answer = phone(lin).get(own)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert read(answer)
    assert phone(a_host("mei")).get(own).status_code == 404
    shown = desk.browser(desk.a_reviewer()).get(hq)
    assert shown.status_code == 200
    assert read(shown)
    assert desk.browser(desk.an_editor()).get(hq).status_code == 302
    assert Client().get(hq).status_code == 302
    region = desk.a_person(roles.REGION_MANAGER)
    region.organisation = a_branch("华东")
    region.save()
    assert desk.browser(region).get(hq).status_code == 404
    assert Client().get(f"/media/{practice.file.name}").status_code == 404
    assert File(practice.file.path).exists()


# --- days --------------------


def test_a_double_tap_counts_once(lin: Host, lesson: Lesson) -> None:
    assert learned(lesson, lin, NOW)
    assert not services.finish(lesson, lin, now=NOW + timedelta(seconds=1))
    assert CheckIn.objects.count() == 1
    assert Event.objects.filter(name="study.checked_in").count() == 1


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-03-05T23:59:59", "2026-03-06T00:00:00"),
        ("2026-02-28T23:59:59", "2026-03-01T00:00:00"),
        ("2026-12-31T23:59:59", "2027-01-01T00:00:00"),
    ],
)
def test_midnight_in_shanghai_is_the_next_day(lin: Host, lesson: Lesson, last: str, first: str) -> None:
    with time_machine.travel(at(first), tick=False):
        from apps.tracking import services as tracking

        tracking.make_partitions([at(first).date().replace(day=1)])
        assert learned(lesson, lin, at(last))
        assert services.finish(lesson, lin, now=at(first))
        assert not services.finish(lesson, lin, now=at(first) + timedelta(hours=23, minutes=59))
        assert selectors.days_of(lin, at(first)).streak == 2


def test_a_streak_waits_for_the_end_of_today() -> None:
    march = [date(2026, 3, day) for day in (1, 2, 3, 5)]
    assert days.streak(march, date(2026, 3, 3)) == 3
    assert days.streak(march, date(2026, 3, 4)) == 3  # today is still open
    assert days.streak(march, date(2026, 3, 5)) == 1
    assert days.streak(march, date(2026, 3, 7)) == 0
    assert days.streak([date(2026, 12, 31), date(2027, 1, 1)], date(2027, 1, 1)) == 2
    assert days.longest(march) == 3
    assert (days.streak([], date(2026, 3, 5)), days.longest([])) == (0, 0)


def test_a_missed_day_is_made_up_and_joins_the_streak(lin: Host, lesson: Lesson) -> None:
    Host.objects.update(joined_at=at("2026-01-01T00:00:00"))
    lin.refresh_from_db()
    for text in ("2026-03-02T09:00:00", "2026-03-03T09:00:00"):
        services.answer(lesson, lin, question=QUESTIONS[0], choice=RIGHT, now=at(text))
        services.finish(lesson, lin, now=at(text))
    services.finish(lesson, lin, now=NOW)
    assert selectors.days_of(lin, NOW).streak == 1

    services.make_up(lin, date(2026, 3, 4), now=NOW)
    services.make_up(lin, date(2026, 3, 4), now=NOW)  # a double tap
    assert selectors.days_of(lin, NOW).streak == 4
    assert CheckIn.objects.filter(is_made_up=True).count() == 1


def test_make_ups_are_few_a_month_by_the_month_of_the_missed_day(lin: Host) -> None:
    Host.objects.update(joined_at=at("2026-01-01T00:00:00"))
    lin.refresh_from_db()
    second = at("2026-03-03T09:00:00")
    for day in (date(2026, 2, 27), date(2026, 2, 28)):
        services.make_up(lin, day, now=second)
    with pytest.raises(services.NotPossibleError, match="2 月的 2 次补卡已经用完"):
        services.make_up(lin, date(2026, 2, 26), now=second)
    services.make_up(lin, date(2026, 3, 1), now=second)  # another month has its own
    assert selectors.days_of(lin, second).missed == [date(2026, 3, 2)]


@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-06", "2026-02-25"])
def test_today_the_future_and_the_far_past_are_not_made_up(lin: Host, day: str) -> None:
    Host.objects.update(joined_at=at("2026-01-01T00:00:00"))
    phone(lin).post("/learn/make-up/", {"day": day})
    phone(lin).post("/learn/make-up/", {"day": "nonsense"})
    assert not CheckIn.objects.exists()


def test_days_before_she_joined_are_not_made_up(lin: Host) -> None:
    with pytest.raises(services.NotPossibleError):
        services.make_up(lin, date(2026, 3, 4), now=NOW)  # she joined on the 5th


# --- the board --------------------


def checked(host: Host, *texts: str) -> None:
    CheckIn.objects.bulk_create(CheckIn(host=host, day=date.fromisoformat(text), at=NOW) for text in texts)


def test_the_board_is_of_the_own_organisation_and_this_month(lin: Host) -> None:
    mei, far = a_host("mei", "梅姐"), a_host("far", "远姐", organisation=a_branch("华南"))
    checked(lin, "2026-02-27", "2026-02-28", "2026-03-01")
    checked(mei, "2026-03-03", "2026-03-04", "2026-03-05")
    checked(far, "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")
    places = selectors.board_of(lin, NOW)
    assert [(one.rank, one.name, one.days, one.streak) for one in places] == [
        (1, "梅姐", 3, 3),
        (2, "林姐", 1, 0),
    ]


def test_a_name_may_be_left_off_the_board(lin: Host) -> None:
    mei = a_host("mei", "梅姐")
    checked(lin, "2026-03-05")
    phone(lin).post("/learn/board/name/", {"hides": "1"})
    assert "林姐" not in phone(mei).get("/learn/board/").content.decode().split("<ol")[1]
    assert "林姐（我）" in phone(lin).get("/learn/board/").content.decode()
    phone(lin).post("/learn/board/name/", {"hides": "0"})
    assert "林姐" in phone(mei).get("/learn/board/").content.decode()


def test_twenty_places_and_herself(lin: Host) -> None:
    for n in range(22):
        checked(a_host(f"h{n}"), "2026-03-04", "2026-03-05")
    places = selectors.board_of(lin, NOW)
    assert [one.is_me for one in places].count(True) == 1
    assert places[-1].is_me
    assert places[-1].rank == 23


# --- HQ's side --------------------


def test_hq_sees_who_is_stuck_and_where(lin: Host, lesson: Lesson) -> None:
    mei, new = a_host("mei", "梅姐", organisation=a_branch("华东")), a_host("new", "小新")
    for _ in range(3):
        services.answer(lesson, lin, question=QUESTIONS[0], choice=WRONG, now=NOW)
    services.begin(lesson, mei, now=NOW)
    later = NOW + timedelta(days=3)
    services.begin(lesson, new, now=later)
    done = a_host("done", "阿好")
    learned(lesson, done, NOW)

    found = {one.host.name: one.where for one in selectors.stuck(later, hosts=EVERYBODY)}
    assert found == {"林姐": "第 1 题答错 3 次：客户说太贵，先做什么？", "梅姐": "打开了，还没做小测"}
    assert selectors.stuck(later - timedelta(seconds=1), hosts=EVERYBODY) == []
    [one] = selectors.lesson_progress(later, hosts=EVERYBODY)
    assert (one.started, one.finished, one.stuck) == (4, 1, 2)
    with time_machine.travel(later, tick=False):
        region = desk.a_person(roles.REGION_MANAGER)
        region.organisation = mei.organisation
        region.save()
        shown = desk.browser(region).get("/hq/insights/learning/").content.decode()
        assert "梅姐" in shown
        assert "林姐" not in shown
        support = desk.browser(desk.a_person(roles.SUPPORT))
        assert support.get("/hq/insights/learning/").status_code == 302


def test_learning_beside_results_says_when_they_are_few(lin: Host, lesson: Lesson) -> None:
    Host.objects.update(joined_at=NOW - timedelta(days=60))
    assert learning_and_results(NOW, hosts=EVERYBODY).words == "大家学得一样多，还没有可比的。"
    a_host("mei", "梅姐", joined_at=NOW - timedelta(days=60))
    learned(lesson, lin, NOW)
    found = learning_and_results(NOW, hosts=EVERYBODY)
    assert {group.word: group.size for group in found.groups} == {
        "学完一半以上": 1,
        "学了一些": 0,
        "还没学完一课": 1,
    }
    assert found.words.startswith("样本太少")


def test_results_are_of_hosts_who_were_here_for_all_of_the_four_weeks(lesson: Lesson) -> None:
    first = NOW.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0) - timedelta(days=27)
    whole, new = a_host("whole", joined_at=first), a_host("new", joined_at=first + timedelta(seconds=1))
    away = a_host("away", joined_at=first)
    accounts.move_host(away, to=Host.Status.SUSPENDED, actor=None, now=NOW - timedelta(days=9))
    accounts.move_host(away, to=Host.Status.ACTIVE, actor=None, now=NOW - timedelta(days=8))
    for host in (whole, new, away):
        learned(lesson, host, NOW)
        if host != new:
            buy(
                host,
                Sku.objects.first() or a_sku(),
                at=NOW - timedelta(days=12),
                phone=f"1380000{host.pk:04}",
            )
    project_now()

    found = learning_and_results(NOW, hosts=EVERYBODY)

    assert ([group.size for group in found.groups], found.absent) == ([1, 0, 0], 2)
    assert found.groups[0].orders == 1
    shown = desk.browser(desk.a_person(roles.OPERATOR)).get("/hq/insights/learning/").content.decode()
    assert "只算这 4 周一直在用的大C；另有 2 位" in " ".join(shown.split())
    Host.objects.update(joined_at=NOW)
    found = learning_and_results(NOW, hosts=EVERYBODY)
    assert (found.absent, found.words) == (3, "还没有一直在用满 28 天、又有课可学的大C，先不比。")


def test_a_lesson_goes_through_another_person(lesson: Lesson) -> None:
    for path in ("/hq/lessons/", "/hq/paths/", "/hq/lessons/add/", "/hq/paths/add/"):
        assert desk.browser(desk.an_editor(f"e{path}")).get(path).status_code == 200
    operator = desk.browser(desk.a_person(roles.OPERATOR))
    assert operator.get("/hq/lessons/").status_code == 200
    assert operator.get("/hq/lessons/add/").status_code == 302
    assert operator.get(f"/hq/lessons/inspect/{lesson.pk}/").status_code == 200
