import apps.database.fields
import apps.lib.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActDay',
            fields=[
                ('pk', models.CompositePrimaryKey('host_id', 'day', 'subject_kind', 'subject_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(verbose_name='日期')),
                ('subject_kind', models.CharField(max_length=10)),
                ('subject_id', models.BigIntegerField()),
                ('opened', models.IntegerField(db_default=0, verbose_name='打开')),
                ('copied', models.IntegerField(db_default=0, verbose_name='复制')),
                ('saved', models.IntegerField(db_default=0, verbose_name='保存')),
                ('shared', models.IntegerField(db_default=0, verbose_name='转发')),
                ('host', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='act_days', to='accounts.host')),
            ],
            options={
                'verbose_name': '素材使用',
                'verbose_name_plural': '素材使用',
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'day'], name='actday_subject')],
            },
        ),
        migrations.CreateModel(
            name='HostDay',
            fields=[
                ('pk', models.CompositePrimaryKey('host_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(verbose_name='日期')),
                ('visits', models.IntegerField(db_default=0, verbose_name='来访')),
                ('visitors', models.IntegerField(db_default=0, verbose_name='访客')),
                ('new_customers', models.IntegerField(db_default=0, verbose_name='新客户')),
                ('orders', models.IntegerField(db_default=0, verbose_name='订单')),
                ('shares', models.IntegerField(db_default=0, verbose_name='转发')),
                ('gmv_fen', models.BigIntegerField(db_default=0, verbose_name='成交金额（分）')),
                ('placed_fen', models.BigIntegerField(db_default=0, verbose_name='下单金额（分）')),
                ('taken_back_fen', models.BigIntegerField(db_default=0, verbose_name='取消和退货（分）')),
                ('commission_fen', models.BigIntegerField(db_default=0, verbose_name='佣金（分）')),
                ('imported_at', models.DateTimeField(null=True, verbose_name='导入写入')),
                ('learned_at', models.DateTimeField(null=True, verbose_name='补记新客户')),
                ('host', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='days', to='accounts.host', verbose_name='大C')),
            ],
            options={
                'verbose_name': '大C的一天',
                'verbose_name_plural': '大C的每一天',
                'indexes': [models.Index(fields=['day'], name='hostday_day')],
            },
        ),
        migrations.CreateModel(
            name='LinkVisit',
            fields=[
                ('pk', models.CompositePrimaryKey('link_id', 'visitor_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('link_id', models.BigIntegerField()),
                ('visitor_id', models.BigIntegerField()),
                ('subject_id', models.BigIntegerField()),
                ('subject_kind', models.CharField(max_length=10)),
                ('reached_at', models.DateTimeField(verbose_name='打开')),
                ('read_at', models.DateTimeField(null=True, verbose_name='阅读')),
                ('ordered_at', models.DateTimeField(null=True, verbose_name='下单')),
                ('host', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='link_visits', to='accounts.host')),
            ],
            options={
                'verbose_name': '链接来访',
                'verbose_name_plural': '链接来访',
                'indexes': [models.Index(fields=['host', 'reached_at'], name='linkvisit_host'), models.Index(fields=['subject_kind', 'subject_id', 'reached_at'], include=('host_id', 'read_at', 'ordered_at'), name='linkvisit_subject'), models.Index(fields=['reached_at'], include=('host_id', 'read_at', 'ordered_at'), name='linkvisit_reached')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ordered_at', None), ('read_at', None)), models.Q(('ordered_at', None), ('read_at__gte', models.F('reached_at'))), models.Q(('ordered_at__gte', models.F('read_at')), ('read_at__gte', models.F('reached_at')), ('read_at__isnull', False)), _connector='OR'), name='linkvisit_funnel_narrows')],
            },
        ),
        migrations.CreateModel(
            name='MoneyMove',
            fields=[
                ('pk', models.CompositePrimaryKey('order_id', 'reversal_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('order_id', models.BigIntegerField()),
                ('reversal_id', models.BigIntegerField()),
                ('relation_id', models.BigIntegerField()),
                ('link_id', models.BigIntegerField(null=True)),
                ('subject_kind', models.CharField(default='', max_length=10)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('channel', models.CharField(default='', max_length=10)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('kind', models.CharField(max_length=10, verbose_name='类型')),
                ('fen', models.BigIntegerField(verbose_name='金额（分）')),
                ('commission_fen', models.BigIntegerField(verbose_name='佣金（分）')),
                ('is_repeat', models.BooleanField(default=False)),
                ('imported_at', models.DateTimeField(null=True)),
                ('repeat_learned_at', models.DateTimeField(null=True)),
                ('host', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='money_moves', to='accounts.host')),
            ],
            options={
                'verbose_name': '金额变动',
                'verbose_name_plural': '金额变动',
                'indexes': [models.Index(fields=['host', 'at'], include=('kind', 'relation_id', 'fen', 'is_repeat'), name='move_host'), models.Index(fields=['at'], name='move_at'), models.Index(condition=models.Q(('subject_id__isnull', False)), fields=['subject_kind', 'subject_id', 'at'], include=('host_id', 'channel', 'kind', 'fen'), name='move_subject')],
            },
        ),
        migrations.CreateModel(
            name='NewCustomer',
            fields=[
                ('relation_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='成为客户')),
                ('source', models.CharField(default='', max_length=10, verbose_name='来源')),
                ('learned_at', models.DateTimeField(null=True, verbose_name='补记')),
                ('host', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='new_customers', to='accounts.host')),
            ],
            options={
                'verbose_name': '新客户',
                'verbose_name_plural': '新客户',
                'indexes': [models.Index(fields=['host', 'at'], name='newcustomer_host'), models.Index(fields=['at'], name='newcustomer_at')],
            },
        ),
        migrations.CreateModel(
            name='HostCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('outcome', models.CharField(choices=[('reached', '接通了，聊过了'), ('promised', '接通了，说好一件事'), ('not_reached', '没接到'), ('wrong_number', '号码不对'), ('unwanted', '她不想再接这样的电话')], max_length=12, verbose_name='结果')),
                ('reason', models.CharField(blank=True, max_length=12)),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='为什么打')),
                ('promised', apps.database.fields.EncryptedTextField(default='', verbose_name='说好什么')),
                ('note', apps.database.fields.EncryptedTextField(default='', verbose_name='记一笔')),
                ('next_on', models.DateField(null=True, verbose_name='下次联系')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁打的')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='accounts.host', verbose_name='大C')),
            ],
            options={
                'verbose_name': '帮扶电话',
                'verbose_name_plural': '帮扶电话',
                'indexes': [models.Index(fields=['host', '-at'], name='hostcall_host_at'), models.Index(fields=['at'], include=('host', 'outcome'), name='hostcall_at')],
            },
        ),
        migrations.CreateModel(
            name='HostHelp',
            fields=[
                ('host', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='help', serialize=False, to='accounts.host', verbose_name='大C')),
                ('held_until', models.DateTimeField(null=True)),
                ('next_on', models.DateField(null=True, verbose_name='下次联系')),
                ('is_promised', models.BooleanField(default=False)),
                ('helper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁在跟')),
            ],
            options={
                'verbose_name': '谁在帮她',
                'verbose_name_plural': '谁在帮她',
                'indexes': [models.Index(fields=['next_on'], name='hosthelp_next')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('held_until', None), ('helper', None)), models.Q(('held_until__isnull', False), ('helper__isnull', False)), _connector='OR'), name='hosthelp_held_by_somebody')],
            },
        ),
    ]
