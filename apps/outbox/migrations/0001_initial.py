import apps.database.fields
import apps.lib.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('process', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '进程心跳',
                'verbose_name_plural': '进程心跳',
            },
        ),
        migrations.CreateModel(
            name='DeliveryCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('crashes', models.PositiveIntegerField(default=0)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(max_length=40)),
                ('lane', models.CharField(choices=[('welcome', '欢迎语'), ('normal', '普通'), ('bulk', '批量')], max_length=8)),
                ('request', apps.database.fields.EncryptedTextField()),
                ('digest', models.BinaryField(blank=True, max_length=16, null=True)),
                ('state', models.CharField(choices=[('leased', '正在发'), ('waiting', '等待重试'), ('done', '已完成'), ('expired', '已过期'), ('refused', '被拒绝'), ('dead', '已放弃')], max_length=8)),
                ('deadline_at', models.DateTimeField(null=True)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('unknown_since', models.DateTimeField(null=True)),
                ('errcode', models.CharField(blank=True, max_length=20)),
                ('outcome', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['lane', 'not_before'], name='call_waiting'), models.Index(condition=models.Q(('state', 'leased')), fields=['lane', 'lease_until'], name='call_leased'), models.Index(fields=['digest'], name='call_digest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'leased')), models.Q(models.Q(('state', 'leased'), _negated=True), ('lease_until', None)), _connector='OR'), name='call_leased_has_lease'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['leased', 'waiting'])), models.Q(models.Q(('state__in', ['leased', 'waiting']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='call_finished_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('crashes', models.PositiveIntegerField(default=0)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('lane', models.CharField(choices=[('welcome', '欢迎语'), ('normal', '普通'), ('bulk', '批量')], default='normal', max_length=8)),
                ('body', apps.database.fields.EncryptedTextField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.CharField(choices=[('new', '待处理'), ('leased', '处理中'), ('done', '已处理'), ('ignored', '不需处理'), ('dead', '已放弃')], default='new', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('reply', apps.database.fields.EncryptedTextField(blank=True, default='')),
            ],
            options={
                'verbose_name': '入站事件',
                'verbose_name_plural': '入站事件',
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['lane', 'not_before'], name='inbox_due'), models.Index(condition=models.Q(('state', 'leased')), fields=['lane', 'lease_until'], name='inbox_leased'), models.Index(fields=['received_at'], name='inbox_received')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'leased')), models.Q(models.Q(('state', 'leased'), _negated=True), ('lease_until', None)), _connector='OR'), name='inbox_leased_has_lease'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['new', 'leased'])), models.Q(models.Q(('state__in', ['new', 'leased']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='inbox_finished_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ignored', 'dead']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='inbox_unhandled_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tries', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('crashes', models.PositiveIntegerField(default=0)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('name', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=160, unique=True)),
                ('period_start', models.DateTimeField(null=True)),
                ('payload', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('new', '待运行'), ('leased', '运行中'), ('done', '已完成'), ('dead', '已放弃')], default='new', max_length=8)),
                ('outcome', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': '后台任务',
                'verbose_name_plural': '后台任务',
                'indexes': [models.Index(condition=models.Q(('state__in', ['new', 'leased'])), fields=['not_before'], name='job_due')],
                'constraints': [models.UniqueConstraint(fields=('name', 'period_start'), name='job_once_a_period'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'leased')), models.Q(models.Q(('state', 'leased'), _negated=True), ('lease_until', None)), _connector='OR'), name='job_leased_has_lease'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['new', 'leased'])), models.Q(models.Q(('state__in', ['new', 'leased']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='job_finished_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('body', apps.database.fields.EncryptedTextField()),
                ('cause', models.CharField(blank=True, db_default='', max_length=60)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('cause', ''), _negated=True), fields=['cause'], name='letter_cause')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=160, unique=True)),
                ('host_id', models.BigIntegerField(null=True)),
                ('lane', models.CharField(choices=[('welcome', '欢迎语'), ('normal', '普通'), ('bulk', '批量')], max_length=8)),
                ('state', models.CharField(choices=[('new', '待发'), ('leased', '正在发'), ('unknown', '结果未知'), ('sent', '已发出'), ('expired', '已过期'), ('refused', '被拒绝'), ('dead', '已放弃'), ('cancelled', '已取消')], default='new', max_length=9)),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('deadline_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('errcode', models.CharField(blank=True, db_default='', max_length=20)),
                ('outcome', models.CharField(blank=True, db_default='', max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sent_at', models.DateTimeField(null=True)),
                ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='outbox.deliverycall')),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='outbox.letter')),
            ],
            options={
                'verbose_name': '出站消息',
                'verbose_name_plural': '出站消息',
                'indexes': [models.Index(condition=models.Q(('call', None), ('state', 'new')), fields=['lane', 'not_before', 'id'], name='delivery_due'), models.Index(condition=models.Q(('call', None), ('state', 'new')), fields=['letter', 'host_id'], name='delivery_letter_due'), models.Index(fields=['host_id', 'attempted_at'], name='delivery_host_pace'), models.Index(condition=models.Q(('state__in', ['new', 'leased', 'unknown'])), fields=['kind', 'state'], name='delivery_open'), models.Index(fields=['created_at'], name='delivery_written')],
                'constraints': [models.UniqueConstraint(fields=('letter', 'host_id'), name='delivery_letter_once_per_host'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='delivery_sent_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('call__isnull', False), ('state', 'leased')), models.Q(('call__isnull', False), ('state', 'unknown')), models.Q(('state__in', ['leased', 'unknown']), _negated=True), _connector='OR'), name='delivery_under_way_has_call'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['expired', 'refused', 'dead', 'cancelled']), _negated=True), models.Q(('outcome', ''), _negated=True), _connector='OR'), name='delivery_unsent_has_reason')],
            },
        ),
    ]
