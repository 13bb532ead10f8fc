"""Lessons for tests: a path of two, the second with a practice task."""

import uuid
from typing import Any

from apps.learning.models import Lesson, Path, PathLesson
from apps.library import services as content

QUESTIONS = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")


def body(*questions: str) -> list[dict[str, Any]]:
    """One heading, and a question for each id; the second choice is right."""
    found: list[dict[str, Any]] = [{"type": "heading", "value": "先说结论", "id": str(uuid.uuid4())}]
    for id_ in questions:
        choices = [{"text": "马上报价", "is_right": False}, {"text": "先问需求", "is_right": True}]
        found.append(
            {
                "type": "question",
                "id": id_,
                "value": {"text": "客户说太贵，先做什么？", "choices": choices, "why": "先听懂再说话。"},
            }
        )
    return found


def a_lesson(title: str = "怎么接住一句太贵了", *, task: str = "", questions: Any = QUESTIONS[:1]) -> Lesson:
    lesson = Lesson(title=title, minutes=3, task=task, live=False, body=body(*questions))
    lesson.save()
    content.publish(lesson, by=None)
    return lesson


def a_path(*lessons: Lesson, title: str = "新手七天", **fields: Any) -> Path:
    path = Path(title=title, live=False, **fields)
    path.lessons = [PathLesson(lesson=lesson, sort_order=n) for n, lesson in enumerate(lessons)]
    path.save()
    content.publish(path, by=None)
    return path
