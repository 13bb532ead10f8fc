"""What a host may write about her own customer."""

from django import forms

from apps.lib import given
from apps.lib.forms import PhoneField, PlainTextField
from apps.lib.words import LONGEST_NAME


class RelationForm(forms.Form):
    remark = PlainTextField(label="备注名", max_length=LONGEST_NAME, required=False)
    phone = PhoneField(required=False)
    next_action = forms.CharField(label="下一步", max_length=100, required=False)
    next_action_on = forms.DateField(label="哪天做", required=False, validators=[given.check_day])


class NoteForm(forms.Form):
    text = forms.CharField(label="笔记", max_length=1000, error_messages={"required": "写点什么再保存吧。"})


class TagForm(forms.Form):
    name = forms.CharField(label="标签", max_length=20, error_messages={"required": "请填写标签名。"})
