"""HQ's list of words, and prints by which near-duplicate texts are found."""

import apps.lib.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0006_poster_templates'),
    ]

    operations = [
        migrations.CreateModel(
            name='ForbiddenWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('word', models.CharField(max_length=20, unique=True, verbose_name='词')),
                ('level', models.CharField(choices=[('block', '不能提交'), ('warn', '提醒')], default='block', max_length=5, verbose_name='遇到时')),
                ('reason', models.CharField(blank=True, help_text='例如「绝对化用语」。', max_length=40, verbose_name='为什么')),
                ('instead', models.CharField(blank=True, max_length=60, verbose_name='可以改成')),
                ('fine_in', models.CharField(blank=True, help_text='用顿号隔开。例如「第一」在「第一次、第一天」里不算。', max_length=200, verbose_name='这些词里不算')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'verbose_name': '广告法用词',
                'verbose_name_plural': '广告法用词',
                'ordering': ['word'],
            },
        ),
        migrations.CreateModel(
            name='TextPrint',
            fields=[
                ('material', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='text_print', serialize=False, to='content.material')),
                ('runs', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('bands', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                'verbose_name': '文字指纹',
                'verbose_name_plural': '文字指纹',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['bands'], name='text_print_bands')],
            },
        ),
    ]
