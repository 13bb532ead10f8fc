import apps.lib.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessSeal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('log_id', models.BigIntegerField(unique=True)),
                ('previous', models.BinaryField(max_length=32)),
                ('sha256', models.BinaryField(max_length=32)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('actor_id', models.BigIntegerField(verbose_name='操作人')),
                ('actor_name', models.CharField(max_length=150, verbose_name='操作人姓名')),
                ('host_id', models.BigIntegerField(null=True)),
                ('relation_id', models.BigIntegerField(null=True)),
                ('is_hq', models.BooleanField(verbose_name='总部人员')),
                ('action', models.CharField(choices=[('view', '查看'), ('reveal', '显示完整信息'), ('export', '导出'), ('download', '下载导出的文件'), ('bring-back', '重新录入删除过的客户'), ('search', '按完整手机号查找')], max_length=10, verbose_name='操作')),
                ('fields', models.CharField(max_length=200, verbose_name='内容')),
                ('purpose', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('count', models.PositiveIntegerField(default=1, verbose_name='人数')),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField(verbose_name='时间')),
            ],
            options={
                'verbose_name': '查看记录',
                'verbose_name_plural': '查看记录',
                'permissions': [('reveal_personal', '能显示客户的完整信息')],
                'indexes': [models.Index(fields=['host_id', '-at'], name='access_host_at'), models.Index(fields=['actor_id', '-at'], name='access_actor_at')],
            },
        ),
        migrations.CreateModel(
            name='ErasedMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BinaryField(max_length=32)),
                ('host_id', models.BigIntegerField(null=True)),
                ('relation_id', models.BigIntegerField(null=True)),
                ('erased_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('mark', 'host_id'), name='erased_mark_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('purpose', models.CharField(choices=[('order', '送货和售后'), ('marketing', '新品和优惠'), ('sharing', '改进选品'), ('join', '申请成为大C'), ('story', '分享你的故事')], max_length=40, verbose_name='用途')),
                ('version', models.PositiveSmallIntegerField(verbose_name='版本')),
                ('text', models.TextField(verbose_name='内容')),
                ('sha256', models.BinaryField(max_length=32)),
                ('created_at', models.DateTimeField(verbose_name='发布时间')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '隐私说明',
                'verbose_name_plural': '隐私说明',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('relation_id', models.BigIntegerField(db_index=True, null=True)),
                ('visitor_id', models.BigIntegerField(null=True)),
                ('order_id', models.BigIntegerField(db_index=True, null=True)),
                ('basis', models.CharField(choices=[('consent', '同意'), ('contract', '履行订单所必需')], default='consent', max_length=10, verbose_name='依据')),
                ('recipient', models.CharField(max_length=80, verbose_name='接收方')),
                ('host_id', models.BigIntegerField(null=True)),
                ('channel', models.CharField(max_length=20, verbose_name='渠道')),
                ('evidence', models.JSONField(default=dict)),
                ('given_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('proof', models.CharField(blank=True, choices=[('', '还没有确认是本人'), ('link', '她自己的链接'), ('code', '回拨电话的验证码'), ('host', '服务她的人确认')], default='', max_length=6, verbose_name='怎样确认是本人')),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='records.notice')),
            ],
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('many_reveals', '一天显示了很多电话')], max_length=20, verbose_name='事情')),
                ('actor_id', models.BigIntegerField()),
                ('actor_name', models.CharField(max_length=150, verbose_name='谁')),
                ('host_id', models.BigIntegerField(null=True)),
                ('day', models.DateField(verbose_name='哪天')),
                ('count', models.PositiveIntegerField(verbose_name='次数')),
                ('raised_at', models.DateTimeField(verbose_name='提醒时间')),
                ('handled_at', models.DateTimeField(null=True, verbose_name='处理时间')),
                ('conclusion', models.CharField(blank=True, max_length=200, verbose_name='结论')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '隐私提醒',
                'verbose_name_plural': '隐私提醒',
                'constraints': [models.UniqueConstraint(fields=('kind', 'actor_id', 'day'), name='alert_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('relation_id', models.BigIntegerField()),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('placed_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('relation_id',), name='one_hold_at_a_time')],
            },
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('purpose', 'version'), name='notice_once'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('proof', '')), models.Q(('confirmed_at__isnull', False), models.Q(('proof', ''), _negated=True)), _connector='OR'), name='consent_confirmed_by_proof'),
        ),
    ]
