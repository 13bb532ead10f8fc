import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitorRelation',
            fields=[
                ('pk', models.CompositePrimaryKey('host_id', 'visitor_id', 'since', blank=True, editable=False, primary_key=True, serialize=False)),
                ('host_id', models.BigIntegerField()),
                ('visitor_id', models.BigIntegerField()),
                ('relation_id', models.BigIntegerField(db_index=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
            options={
                'verbose_name': '访客与客户',
                'verbose_name_plural': '访客与客户',
            },
        ),
        migrations.CreateModel(
            name='Facts',
            fields=[
                ('relation', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='facts', serialize=False, to='customers.relation')),
                ('host_id', models.BigIntegerField()),
                ('orders_count', models.IntegerField(db_default=0, verbose_name='成交单数')),
                ('visits', models.IntegerField(db_default=0, verbose_name='来访')),
                ('gmv_fen', models.BigIntegerField(db_default=0, verbose_name='成交金额（分）')),
                ('gmv_year_fen', models.BigIntegerField(db_default=0, verbose_name='年内金额（分）')),
                ('last_event_at', models.DateTimeField(verbose_name='最近一次动作')),
                ('first_order_at', models.DateTimeField(db_default=datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), verbose_name='首单')),
                ('last_order_at', models.DateTimeField(db_default=datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), verbose_name='最近下单')),
                ('joined_at', models.DateTimeField(verbose_name='成为客户')),
                ('next_action_on', models.DateField(db_default=datetime.date(9999, 12, 31), verbose_name='下一步日期')),
                ('birthday', models.SmallIntegerField(db_default=0, verbose_name='生日')),
                ('gmv_year', models.SmallIntegerField(db_default=0)),
                ('is_current', models.BooleanField(db_default=True)),
                ('last_subject_id', models.BigIntegerField(db_default=0)),
                ('last_subject_kind', models.CharField(db_default='', max_length=10)),
                ('last_event', models.CharField(db_default='customer.joined', max_length=40)),
            ],
            options={
                'verbose_name': '客户画像',
                'verbose_name_plural': '客户画像',
                'indexes': [models.Index(fields=['host_id', '-last_event_at', '-relation'], name='facts_host_event'), models.Index(fields=['host_id', '-last_order_at', '-relation'], name='facts_host_order'), models.Index(fields=['host_id', '-gmv_fen', '-relation'], name='facts_host_money')],
            },
        ),
        migrations.CreateModel(
            name='RelationDay',
            fields=[
                ('pk', models.CompositePrimaryKey('relation_id', 'day', 'fact', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('fact', models.CharField(max_length=40)),
                ('n', models.IntegerField(verbose_name='次数')),
                ('relation', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='days', to='customers.relation')),
            ],
            options={
                'verbose_name': '客户的一天',
                'verbose_name_plural': '客户的一天',
            },
        ),
    ]
