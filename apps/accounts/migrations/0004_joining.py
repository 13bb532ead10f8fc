# Joining: invitations, applications, imports of hosts; level and place in a host's log.

import apps.lib.fields
import apps.lib.ids
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_links_and_named_tokens'),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', apps.lib.fields.EncryptedTextField(verbose_name='称呼')),
                ('phone', apps.lib.fields.EncryptedTextField(verbose_name='手机号')),
                ('phone_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('wecom_userid', models.CharField(blank=True, max_length=64, verbose_name='企业微信账号')),
                ('why', apps.lib.fields.EncryptedTextField(default='', verbose_name='想说的话')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('state', models.CharField(choices=[('waiting', '等待审核'), ('approved', '已通过'), ('refused', '未通过'), ('withdrawn', '已撤回')], default='waiting', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('notice_sha256', models.BinaryField(max_length=32)),
                ('consented_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(verbose_name='申请时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审核时间')),
            ],
            options={
                'verbose_name': '加入申请',
                'verbose_name_plural': '加入申请',
            },
        ),
        migrations.CreateModel(
            name='HostImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('file_name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file_sha256', models.BinaryField(max_length=32)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('rows_in', models.PositiveIntegerField(verbose_name='行数')),
                ('created', models.PositiveIntegerField(verbose_name='新增')),
                ('changed', models.PositiveIntegerField(verbose_name='更新')),
                ('unchanged', models.PositiveIntegerField(verbose_name='未变')),
                ('rejected', models.PositiveIntegerField(verbose_name='退回')),
                ('rejected_csv', apps.lib.fields.EncryptedTextField(default='')),
            ],
            options={
                'verbose_name': '大C导入',
                'verbose_name_plural': '大C导入',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('owner', '群主'), ('guide', '导购')], max_length=10, verbose_name='身份')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='等级')),
                ('label', models.CharField(blank=True, max_length=60, verbose_name='给谁用')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('uses_allowed', models.PositiveSmallIntegerField(default=1, verbose_name='可用次数')),
                ('uses', models.PositiveSmallIntegerField(default=0, verbose_name='已用次数')),
                ('made_at', models.DateTimeField(verbose_name='生成时间')),
                ('expires_at', models.DateTimeField(verbose_name='有效到')),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '邀请',
                'verbose_name_plural': '邀请',
            },
        ),
        migrations.AddField(
            model_name='hosttransition',
            name='from_level',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='hosttransition',
            name='from_organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='hosttransition',
            name='to_level',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='hosttransition',
            name='to_organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation'),
        ),
        migrations.AddIndex(
            model_name='hosttransition',
            index=models.Index(fields=['host', '-at'], name='transition_host_at'),
        ),
        migrations.AddField(
            model_name='application',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='application',
            name='host',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='application', to='accounts.host'),
        ),
        migrations.AddField(
            model_name='hostimport',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='accounts.organisation', verbose_name='加入哪个组织'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='application',
            name='invitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='accounts.invitation'),
        ),
        migrations.AddConstraint(
            model_name='hostimport',
            constraint=models.CheckConstraint(condition=models.Q(('rows_in', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.F('changed')), '+', models.F('unchanged')), '+', models.F('rejected')))), name='host_import_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('uses__lte', models.F('uses_allowed'))), name='invitation_not_overused'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['state', '-created_at'], name='application_state_at'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(condition=models.Q(('phone_index__isnull', False), ('state', 'waiting')), fields=('phone_index',), name='application_phone_waits_once'),
        ),
    ]
