import apps.database.fields
import apps.lib.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('tracking', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('status', models.CharField(choices=[('placed', '待确认'), ('confirmed', '已确认'), ('shipped', '已发货'), ('done', '已完成'), ('cancelled', '已取消')], default='placed', max_length=10, verbose_name='状态')),
                ('source', models.CharField(blank=True, default='', max_length=40, verbose_name='来源')),
                ('external_no', models.CharField(blank=True, default='', max_length=80, verbose_name='外部单号')),
                ('total_fen', models.BigIntegerField(verbose_name='金额（分）')),
                ('receiver_name', apps.database.fields.EncryptedTextField(default='', verbose_name='收货人')),
                ('receiver_phone', apps.database.fields.EncryptedTextField(default='', verbose_name='收货电话')),
                ('receiver_address', apps.database.fields.EncryptedTextField(default='', verbose_name='收货地址')),
                ('buyer_note', apps.database.fields.EncryptedTextField(default='', verbose_name='买家留言')),
                ('view_digest', models.BinaryField(max_length=32, null=True)),
                ('is_paid', models.BooleanField(default=False, verbose_name='已收款')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='记下收款的时间')),
                ('doubt', models.CharField(blank=True, choices=[('many', '一次买得特别多'), ('often', '短时间里下了好几单'), ('held', '没确认的单已经占了不少货')], db_default='', default='', max_length=10, verbose_name='存疑')),
                ('agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='大C点头的时间')),
                ('holds_stock', models.GeneratedField(db_persist=True, expression=models.Q(('doubt', ''), ('agreed_at__isnull', False), _connector='OR'), output_field=models.BooleanField(verbose_name='占着库存'))),
                ('is_over_limit', models.BooleanField(db_default=False, default=False, verbose_name='超过每人限购')),
                ('place', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ('placed_at', models.DateTimeField(verbose_name='下单时间')),
                ('release_at', models.DateTimeField(blank=True, null=True, verbose_name='没确认就自动取消的时间')),
                ('earned_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host')),
                ('host', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='accounts.host', verbose_name='大C')),
                ('link', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='tracking.link')),
                ('relation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='customers.relation', verbose_name='客户')),
                ('visitor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='tracking.visitor')),
            ],
            options={
                'verbose_name': '订单',
                'verbose_name_plural': '订单',
            },
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=255)),
                ('body_sha256', models.BinaryField(max_length=32)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='trade.order')),
            ],
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(verbose_name='数量')),
                ('total_fen', models.BigIntegerField(verbose_name='金额（分）')),
                ('commission_bp', models.PositiveIntegerField(db_default=0, default=0, verbose_name='佣金比例（万分之）')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='trade.order')),
                ('product', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='catalog.product')),
                ('sku', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='catalog.sku')),
            ],
        ),
        migrations.CreateModel(
            name='OrderReversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('cancel', '取消'), ('return', '退货')], max_length=10, verbose_name='类型')),
                ('amount_fen', models.BigIntegerField(verbose_name='金额（分）')),
                ('reason', apps.database.fields.EncryptedTextField(default='', verbose_name='原因')),
                ('at', models.DateTimeField(db_index=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='trade.order')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrderRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('many_pieces', models.PositiveIntegerField(default=20, verbose_name='一单超过多少件，等大C点头')),
                ('many_orders', models.PositiveIntegerField(default=5, verbose_name='同一台手机一小时超过多少单，等大C点头')),
                ('new_minutes', models.PositiveIntegerField(default=10, verbose_name='第一次打开不到多少分钟，算没来过的手机')),
                ('many_new', models.PositiveIntegerField(default=60, verbose_name='同一个网络地址、没来过的手机，一小时超过多少单，等大C点头')),
                ('many_from_address', models.PositiveIntegerField(default=200, verbose_name='同一个网络地址一小时超过多少单，等大C点头')),
                ('held_by_browser', models.PositiveIntegerField(default=20, verbose_name='没确认的单，同一台手机最多占一种商品多少件')),
                ('held_by_address', models.PositiveIntegerField(default=150, verbose_name='没确认的单，同一个网络地址最多占一种商品多少件')),
                ('held_percent', models.PositiveIntegerField(default=80, verbose_name='没确认的单，一共最多占一种规格库存的百分之几')),
                ('held_few', models.PositiveIntegerField(default=10, verbose_name='货剩得少时，没确认的单至少可以占多少件')),
                ('waiting_new', models.PositiveIntegerField(default=3, verbose_name='同一个网络地址、没来过的手机，一小时最多收多少张等点头的单')),
                ('waiting_often', models.PositiveIntegerField(default=20, verbose_name='只是因为下得多而等点头的，一小时最多收多少张')),
                ('waiting_known', models.PositiveIntegerField(default=60, verbose_name='同一个网络地址、来过的手机，一小时最多收多少张等点头的单')),
                ('refusals_of_browser', models.PositiveIntegerField(default=10, verbose_name='同一台手机一小时超过限购多少次，先停一停')),
                ('refusals_of_address', models.PositiveIntegerField(default=60, verbose_name='同一个网络地址、没来过的手机，一小时超过限购多少次，先停一停')),
                ('release_hours', models.PositiveIntegerField(default=72, verbose_name='多少小时没确认，自动取消')),
                ('delivery', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='怎么送、多久到')),
                ('returns', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='怎么退、怎么换')),
            ],
            options={
                'verbose_name': '下单规则',
                'verbose_name_plural': '下单规则',
                'constraints': [models.CheckConstraint(condition=models.Q(('held_by_address__gte', 1), ('held_by_browser__gte', 1), ('held_few__gte', 1), ('held_percent__range', (1, 100)), ('many_from_address__gte', 1), ('many_new__gte', 1), ('many_orders__gte', 1), ('many_pieces__gte', 1), ('new_minutes__range', (1, 1440)), ('pk', 1), ('refusals_of_address__gte', 1), ('refusals_of_browser__gte', 1), ('release_hours__range', (1, 720)), ('waiting_known__gte', 1), ('waiting_new__gte', 1), ('waiting_often__gte', 1)), name='one_set_of_rules')],
            },
        ),
        migrations.CreateModel(
            name='OrderTransition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=10)),
                ('to_status', models.CharField(choices=[('placed', '待确认'), ('confirmed', '已确认'), ('shipped', '已发货'), ('done', '已完成'), ('cancelled', '已取消')], max_length=10)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transitions', to='trade.order')),
            ],
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['host', '-placed_at'], name='order_host_placed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['relation', '-placed_at'], name='order_relation_placed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['placed_at'], name='order_placed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('agreed_at__isnull', False)), fields=['relation', 'agreed_at'], name='order_relation_agreed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('earned_by__isnull', False)), fields=['earned_by', 'placed_at'], name='order_earned_by'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('status', 'placed')), fields=['host'], name='order_to_confirm'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('link__isnull', False)), fields=['link'], name='order_link'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('visitor__isnull', False)), fields=['visitor'], name='order_visitor'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('is_paid', False), ('release_at__isnull', False), ('status', 'placed')), fields=['release_at'], name='order_to_release'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('place__gt', '')), fields=['place'], name='order_unconfirmed'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('external_no', ''), _negated=True), fields=('source', 'external_no'), name='order_external_once'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('view_digest__isnull', False)), fields=('view_digest',), name='order_view_once'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('total_fen__gte', 0)), name='order_total_sound'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_at', None), models.Q(('agreed_at__gte', models.F('placed_at')), models.Q(('doubt', ''), _negated=True)), _connector='OR'), name='order_agreed_sound'),
        ),
        migrations.AddConstraint(
            model_name='idempotencykey',
            constraint=models.UniqueConstraint(fields=('scope', 'key'), name='idempotency_once'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(condition=models.Q(('sku__isnull', False)), fields=['sku'], name='line_sku'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(fields=('order', 'product', 'sku'), name='line_once', nulls_distinct=False),
        ),
    ]
