"""The month's case with those who follow it, a path with learners on it, and customers' stories."""

import uuid
from datetime import datetime, timedelta
from random import Random

from apps.accounts.models import Host, User
from apps.console.demo import pictures
from apps.console.demo.cast import Cast
from apps.console.demo.world import Progress
from apps.customers.models import Relation
from apps.learning.cases import services as cases
from apps.learning.models import Case, CaseFigure, CaseLine, CaseStep, Lesson, Path, PathLesson
from apps.learning.training import services as training
from apps.lib import clock
from apps.library import services as content
from apps.media import services as media
from apps.stories import services as stories

DAY = timedelta(days=1)
#: Title, minutes, the words, question, choices (the right one first), why, practice.
LESSONS = (
    ("开口第一句：先关心，再说货", 3, "群里冷了，不是因为东西不好，是因为只有东西。每天先问候三位熟客：记得她家几口人、上次买了什么，一句就够。等她回了话，再说今天有什么。",
     "三个月没说话的老客，第一句发什么？", ("问候近况，提一句她上次买的", "直接发今天的优惠", "拉她进新群"), "她先觉得你记得她，才听得进你卖什么。", ""),
    ("客户说「太贵了」，先别解释", 3, "「太贵了」常常是「我还没看到值在哪」。先问她跟什么比，再说一个她在乎的点：分量、产地、坏了包赔。一次只说一个。",
     "客户说太贵了，先做什么？", ("问她在跟什么比", "马上降价", "说别家更贵"), "知道她在跟什么比，才知道该说哪一点。", ""),
    ("三下转发：今天这条怎么发", 2, "打开「今日」，点「一键分享」，选「发到群」，粘贴。链接是你自己的，谁点开、谁下单都记在你名下。把第一句改成你平时说话的样子，效果更好。",
     "为什么要用自己的链接？", ("谁点开、下单都记在我名下", "链接更短", "客户更喜欢"), "每位大C的链接不一样，发别人的，成绩就成了别人的。", "今天在群里发一条本期素材，交一张截图（请遮住客户的头像和名字）"),
    ("坏果了怎么办：先赔，再说话", 3, "收到坏果照片，先道歉，报出赔多少、什么时候到账，不问是谁的错。赔得快的客户，下个月回来得也快。",
     "收到坏果照片，第一句说什么？", ("对不住，坏几个按个赔你", "是快递的问题", "你怎么放的"), "她在意的是你管不管，不是谁的错。", ""),
)  # fmt: skip


#: Title, what she is called, her words.
STORIES = (
    ("孩子自己盛粥了", "两个娃的妈妈",
     "孩子以前早饭怎么哄都不吃，后来试了小米粥加一把坚果，现在每天自己盛一碗。\n上学前吃饱了，老师说上午精神好多了。"),
    ("给爸妈寄了一年", "在外地上班的女儿",
     "爸妈舍不得自己买，我就每个月寄一箱。坏过两个，拍张照当天就赔了。\n现在他们会先问我：这个月的到了没。"),
    ("办公室都来问", "爱喝茶的会计",
     "带了一罐去单位，泡了一壶，整个办公室都来问在哪儿买的。"),
)  # fmt: skip


def teach(
    cast: Cast, *, editor: User, reviewer: User, dice: Random, now: datetime, progress: Progress
) -> None:
    """One case, one path and three stories, with some hosts in the middle of each."""
    _case([host for host in cast.hosts if host.pk not in cast.until], editor=editor, dice=dice, now=now)
    _path(cast.hosts, editor=editor, reviewer=reviewer, dice=dice, now=now)
    _stories(cast, reviewer=reviewer, now=now)
    progress("案例、学习、故事", 3, 3)


def _case(hosts: list[Host], *, editor: User, dice: Random, now: datetime) -> None:
    hero, today = hosts[0], clock.day_of(now)
    [cover] = media.add_generated_pictures(
        [
            media.GeneratedPicture(
                title="三句问候，老客回来了",
                content=pictures.scene_picture("三句问候，老客回来了", tone="amber", under="每月案例"),
            )
        ],
        by=editor,
    )
    month = clock.first_of_month(today)
    case = Case(
        month=month,
        title="三句问候，老客回来了",
        summary=f"{hero.name}用两周把沉睡的老客叫醒，没发一张优惠券。",
        host=hero,
        owner=editor,
        cover=cover,
        background="群里三百多人，每天只有她一个人说话。老客没退群，也不下单，发优惠没人理。",
        actions=(
            "她停了三天广告，每天早上挑三位老客单独问候，只提一件记得的小事：孩子几年级了、上次的米吃完没有。\n"
            "有人回了，她才说今天到了什么；没回的不追，隔一周再问。周五晚上在群里发一条素材，把大家问得最多的一句写在前面。"
        ),
    )
    first = today - 28 * DAY
    cases.add_case(
        case,
        figures=[
            CaseFigure(label="这四周的成交", metric="gmv", host=hero, first=first, last=today - DAY),
            CaseFigure(label="这四周的订单", metric="orders", host=hero, first=first, last=today - DAY),
            CaseFigure(label="点开她链接的", metric="visits", host=hero, first=first, last=today - DAY),
        ],
        lines=[
            CaseLine(when="单独问候", text="姐，好久没聊了，孩子开学还顺利吧？上次那袋米吃着怎么样？"),
            CaseLine(when="她回了以后", text="我家这两天也在吃这个，新到的，给你留一份？不合适退给我就行。"),
        ],
        steps=[
            CaseStep(text="在「客户」里点「沉睡」，挑三位", hint="挑你记得住一件小事的"),
            CaseStep(text="给三位各发一句问候，不提卖货", hint="照话术改成你的口气"),
            CaseStep(text="回了话的，说一样今天有的", hint="一次只说一样"),
            CaseStep(text="周五晚上群里发一条本期素材", hint="把大家问得最多的写在第一句"),
        ],
    )
    out_at = min(max(clock.start_of(month) + timedelta(hours=9), now - 20 * DAY), now - timedelta(hours=1))
    content.publish(case, by=editor, as_of=out_at)
    for host in dice.sample(hosts[1:], 13):
        began = max(out_at, now - timedelta(days=dice.randint(1, 18)))
        adoption = cases.adopt(case, host, now=began)
        for step in list(adoption.steps.all())[: dice.choice((0, 1, 2, 3, 4, 4))]:
            cases.tick(step, is_done=True, now=min(began + dice.randint(1, 5) * DAY, now))
    cases.adopt(case, hosts[1], now=max(out_at, now - 2 * DAY))


def _path(hosts: list[Host], *, editor: User, reviewer: User, dice: Random, now: datetime) -> None:
    lessons = []
    for title, minutes, words, question, choices, why, task in LESSONS:
        places = list(range(len(choices)))
        dice.shuffle(places)
        body = [
            {
                "type": "paragraph",
                "value": f"<p>{words}</p>",
                "id": str(uuid.UUID(int=dice.getrandbits(128))),
            },
            {
                "type": "question",
                "id": str(uuid.UUID(int=dice.getrandbits(128))),
                "value": {
                    "text": question,
                    "choices": [{"text": choices[place], "is_right": place == 0} for place in places],
                    "why": why,
                },
            },
        ]
        lesson = Lesson(title=title, minutes=minutes, task=task, live=False, body=body)
        lesson.save()
        content.publish(lesson, by=editor)
        lessons.append(lesson)
    path = Path(title="新手第一周", intro="学会开口、报价、转发和善后。", position=1, live=False)
    path.lessons = [PathLesson(lesson=lesson, sort_order=n) for n, lesson in enumerate(lessons)]  # type: ignore[misc]
    path.save()
    content.publish(path, by=editor)
    for number, host in enumerate(hosts[:18]):
        far = 2 if number == 0 else dice.randint(0, 4)
        begin = now - timedelta(days=far + dice.choice((0, 0, 1, 5)))
        for n, lesson in enumerate(lessons[:far]):
            _learn(lesson, host, reviewer=reviewer, at=begin + n * DAY, now=now)
        if far < len(lessons) and number % 3:
            wrong = next(n for n in range(3) if n != lessons[far].questions[0].right)
            at = min(begin + far * DAY, now)
            training.answer(lessons[far], host, question=lessons[far].questions[0].id, choice=wrong, now=at)


def _learn(lesson: Lesson, host: Host, *, reviewer: User, at: datetime, now: datetime) -> None:
    at = min(at, now)
    question = lesson.questions[0]
    training.answer(lesson, host, question=question.id, choice=question.right, now=at)
    if lesson.task:
        proof = pictures.scene_picture("今天发的素材", tone="leaf", under=host.name)
        practice = training.hand_in(lesson, host, upload=proof, note="发了，有两位问价", now=at)
        if host.pk % 2:
            training.review(practice, passed=True, reason="第一句改得好。", by=reviewer, now=at)
    training.finish(lesson, host, now=at)


def _stories(cast: Cast, *, reviewer: User, now: datetime) -> None:
    """One that hosts share, one that waits for HQ, one that waits for its consumer."""
    relations = [Relation.objects.get(pk=person.relation_id) for person in cast.people[cast.hosts[0].pk][:3]]
    for place, (relation, (title, called, text)) in enumerate(zip(relations, STORIES, strict=True)):
        asked_at = now - (6 - 2 * place) * DAY
        _secret, story = stories.ask(relation, title=title, called=called, text=text, now=asked_at)
        if place == 2:
            continue
        seen = stories.mark_of(story, stories.notice(now=asked_at))
        story = stories.agree(story, seen=seen, evidence={"source": "demo"}, now=asked_at + DAY)
        if place == 0:
            material = stories.take(story, by=reviewer, now=asked_at + 2 * DAY)
            content.publish(material, by=None, as_of=asked_at + 3 * DAY)
