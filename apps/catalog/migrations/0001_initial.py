import apps.lib.ids
import django.db.models.deletion
import modelcluster.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('media', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Brand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='品牌')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.brand', verbose_name='并入')),
            ],
            options={
                'verbose_name': '品牌',
                'verbose_name_plural': '品牌',
            },
        ),
        migrations.CreateModel(
            name='Supplier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='供应商')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.supplier', verbose_name='并入')),
            ],
            options={
                'verbose_name': '供应商',
                'verbose_name_plural': '供应商',
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='类目')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='顺序')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.category', verbose_name='上级类目')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.category', verbose_name='并入')),
            ],
            options={
                'verbose_name': '类目',
                'verbose_name_plural': '类目',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('title', models.CharField(max_length=60, verbose_name='商品名')),
                ('subtitle', models.CharField(blank=True, max_length=80, verbose_name='卖点')),
                ('description', models.TextField(blank=True, verbose_name='介绍')),
                ('status', models.CharField(choices=[('draft', '待上架'), ('active', '在售'), ('off', '已下架')], default='draft', max_length=10, verbose_name='状态')),
                ('commission_bp', models.PositiveIntegerField(default=0, verbose_name='佣金比例（万分之）')),
                ('most_per_order', models.PositiveIntegerField(blank=True, null=True, verbose_name='每单最多（件）')),
                ('most_per_person', models.PositiveIntegerField(blank=True, null=True, verbose_name='每人最多（件）')),
                ('limit_days', models.PositiveSmallIntegerField(db_default=30, default=30, verbose_name='每人按多少天算')),
                ('source_key', models.CharField(blank=True, max_length=80, null=True, unique=True, verbose_name='外部编号')),
                ('is_placeholder', models.BooleanField(default=False, editable=False, verbose_name='占位商品')),
                ('search_text', models.TextField(default='', editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='创建时间')),
                ('brand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.brand', verbose_name='品牌')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.category', verbose_name='类目')),
                ('supplier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.supplier', verbose_name='供应商')),
            ],
            options={
                'verbose_name': '商品',
                'verbose_name_plural': '商品',
            },
        ),
        migrations.CreateModel(
            name='ProductPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='顺序')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='图片')),
                ('product', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='catalog.product')),
            ],
            options={
                'verbose_name': '商品图片',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ShelfItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('position', models.IntegerField(default=0, verbose_name='顺序')),
                ('pitch', models.CharField(blank=True, max_length=80, verbose_name='推荐语')),
                ('added_at', models.DateTimeField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shelf', to='accounts.host')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shelf_items', to='catalog.product')),
            ],
            options={
                'verbose_name': '货架商品',
                'verbose_name_plural': '货架商品',
                'ordering': ['position', '-added_at'],
            },
        ),
        migrations.CreateModel(
            name='Sku',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('code', models.CharField(max_length=60, unique=True, verbose_name='货号')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='规格')),
                ('retail_price_fen', models.BigIntegerField(verbose_name='零售价（分）')),
                ('supply_price_fen', models.BigIntegerField(default=0, verbose_name='供货价（分）')),
                ('floor_price_fen', models.BigIntegerField(default=0, verbose_name='最低售价（分）')),
                ('stock', models.PositiveIntegerField(default=0, verbose_name='库存')),
                ('product', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.PROTECT, related_name='skus', to='catalog.product')),
            ],
            options={
                'verbose_name': '规格',
                'verbose_name_plural': '规格',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ShelfPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('price_fen', models.BigIntegerField(verbose_name='我的售价（分）')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='catalog.shelfitem')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.sku')),
            ],
            options={
                'verbose_name': '我的售价',
                'verbose_name_plural': '我的售价',
            },
        ),
        migrations.AddConstraint(
            model_name='shelfitem',
            constraint=models.UniqueConstraint(fields=('host', 'product'), name='shelf_once'),
        ),
        migrations.AddConstraint(
            model_name='sku',
            constraint=models.CheckConstraint(condition=models.Q(('stock__gte', 0)), name='stock_never_negative'),
        ),
        migrations.AddConstraint(
            model_name='sku',
            constraint=models.CheckConstraint(condition=models.Q(('retail_price_fen__gte', models.F('floor_price_fen')), ('floor_price_fen__gte', 0), ('supply_price_fen__gte', 0)), name='sku_prices_sound'),
        ),
        migrations.AddConstraint(
            model_name='shelfprice',
            constraint=models.UniqueConstraint(fields=('item', 'sku'), name='shelf_price_once'),
        ),
        migrations.AddConstraint(
            model_name='shelfprice',
            constraint=models.CheckConstraint(condition=models.Q(('price_fen__gte', 0)), name='shelf_price_sound'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['status', 'category'], name='product_status_category'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('limit_days__range', (1, 366)), models.Q(('most_per_order', None), ('most_per_order__gte', 1), _connector='OR'), models.Q(('most_per_person', None), ('most_per_person__gte', 1), _connector='OR')), name='product_limits_sound'),
        ),
    ]
