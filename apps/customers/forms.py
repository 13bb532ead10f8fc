"""What a host may write about her own customer."""

import re

from django import forms

from apps.lib import given
from apps.lib.forms import BirthdayField, PhoneField, PlainTextField
from apps.lib.words import LONGEST_NAME, plain

LONGEST_TAG = 20


class RelationForm(forms.Form):
    remark = PlainTextField(label="称呼", max_length=LONGEST_NAME, required=False)
    phone = PhoneField(required=False)
    birthday = BirthdayField()
    next_action = forms.CharField(label="下一步", max_length=100, required=False)
    next_action_on = forms.DateField(label="哪天做", required=False, validators=[given.check_day])


class AddForm(forms.Form):
    """Somebody she knows, added by hand."""

    name = PlainTextField(
        label="怎么称呼", max_length=LONGEST_NAME, error_messages={"required": "写个称呼，以后就这么叫她。"}
    )
    phone = PhoneField(required=False)
    birthday = BirthdayField()
    tags = forms.CharField(label="标签", max_length=120, required=False)
    known_from = forms.CharField(label="怎么认识的", max_length=60, required=False)
    note = forms.CharField(label="记一笔", max_length=900, required=False)

    def clean_tags(self) -> list[str]:
        """Several, parted as people part them."""
        found = [plain(one) for one in re.split(r"[,，、;；\n]+", self.cleaned_data["tags"])]
        if any(len(one) > LONGEST_TAG for one in found):
            raise forms.ValidationError(f"一个标签最多 {LONGEST_TAG} 个字，几个标签之间用逗号隔开。")
        return list(dict.fromkeys(filter(None, found)))


class RemindForm(forms.Form):
    """A next step with its day."""

    action = forms.CharField(
        label="到时候做什么", max_length=100, error_messages={"required": "写一句到时候要做什么。"}
    )
    on = forms.DateField(
        label="哪天提醒",
        validators=[given.check_day],
        error_messages={"required": "选一天。", "invalid": "日期写成 2026-03-05 这样。"},
    )
    replace = forms.BooleanField(label="已经定了别的下一步的，也换成这个", required=False)


class NoteForm(forms.Form):
    text = forms.CharField(label="笔记", max_length=1000, error_messages={"required": "写点什么再保存吧。"})


class TagForm(forms.Form):
    name = forms.CharField(
        label="标签", max_length=LONGEST_TAG, error_messages={"required": "请填写标签名。"}
    )
