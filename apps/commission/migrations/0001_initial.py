import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.BigIntegerField()),
                ('line_id', models.BigIntegerField()),
                ('reversal_id', models.BigIntegerField(default=0)),
                ('base_fen', models.BigIntegerField(verbose_name='计佣金额（分）')),
                ('rate_bp', models.PositiveIntegerField(verbose_name='佣金比例（万分之）')),
                ('amount_fen', models.BigIntegerField(verbose_name='佣金（分）')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('host', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host')),
            ],
            options={
                'verbose_name': '佣金明细',
                'verbose_name_plural': '佣金明细',
                'indexes': [models.Index(fields=['host', 'at'], name='commission_host_at')],
                'constraints': [models.UniqueConstraint(fields=('order_id', 'line_id', 'reversal_id'), name='commission_once'), models.CheckConstraint(condition=models.Q(models.Q(('amount_fen__gt', 0), ('base_fen__gte', 0), ('reversal_id', 0)), models.Q(('amount_fen__lt', 0), ('base_fen__lte', 0), ('reversal_id__gt', 0)), _connector='OR'), name='commission_sound')],
            },
        ),
    ]
