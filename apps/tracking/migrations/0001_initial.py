import apps.lib.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('pk', models.CompositePrimaryKey('occurred_at', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=apps.lib.ids.uuid7)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('name', models.CharField(max_length=40)),
                ('host_id', models.BigIntegerField(null=True)),
                ('relation_id', models.BigIntegerField(null=True)),
                ('visitor_id', models.BigIntegerField(null=True)),
                ('link_id', models.BigIntegerField(null=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('subject_kind', models.CharField(blank=True, default='', max_length=10)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('props', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'tracking_event',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('epoch', models.PositiveIntegerField()),
                ('tx', models.BigIntegerField(default=0)),
                ('event_id', models.UUIDField(null=True)),
                ('moved_at', models.DateTimeField(null=True)),
                ('is_whole', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Visitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('first_seen_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Ledger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('epoch', models.PositiveIntegerField(default=1)),
                ('tx_offset', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_ledger')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=apps.lib.ids.share_code, editable=False, max_length=10, unique=True)),
                ('subject_kind', models.CharField(choices=[('material', '素材'), ('product', '商品'), ('shelf', '货架'), ('issue', '期'), ('order', '订单'), ('relation', '客户')], max_length=10)),
                ('subject_id', models.BigIntegerField()),
                ('channel', models.CharField(choices=[('group', '社群'), ('single', '一对一'), ('moments', '朋友圈'), ('poster', '海报'), ('copy', '链接')], max_length=10)),
                ('created_at', models.DateTimeField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='accounts.host')),
            ],
            options={
                'verbose_name': '分享链接',
                'verbose_name_plural': '分享链接',
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='link_subject')],
                'constraints': [models.UniqueConstraint(fields=('host', 'subject_kind', 'subject_id', 'channel'), name='link_once')],
            },
        ),
    ]
