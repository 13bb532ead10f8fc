import apps.lib.given
import apps.lib.ids
import apps.library.models.issues
import apps.library.models.layouts
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import modelcluster.fields
import wagtail.fields
import wagtail.models.preview
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('catalog', '0001_initial'),
        ('media', '0001_initial'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Festival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=12, unique=True, verbose_name='名称')),
                ('calendar', models.CharField(choices=[('term', '节气'), ('lunar', '农历节日'), ('solar', '公历节日'), ('sunday', '某月第几个星期天')], max_length=6, verbose_name='按')),
                ('month', models.PositiveSmallIntegerField(blank=True, help_text='节气不用填，由名称算出来。', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='月')),
                ('day', models.PositiveSmallIntegerField(blank=True, help_text='农历小月没有三十，就算在二十九；「第几个星期天」填 1 到 5。', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='日')),
                ('is_active', models.BooleanField(default=True, verbose_name='在用')),
            ],
            options={
                'verbose_name': '节气节日',
                'verbose_name_plural': '节气节日',
                'ordering': ['pk'],
            },
        ),
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
            name='Material',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('live', models.BooleanField(default=True, editable=False, verbose_name='live')),
                ('has_unpublished_changes', models.BooleanField(default=False, editable=False, verbose_name='has unpublished changes')),
                ('first_published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='first published at')),
                ('last_published_at', models.DateTimeField(editable=False, null=True, verbose_name='last published at')),
                ('go_live_at', models.DateTimeField(blank=True, null=True, verbose_name='go live date/time')),
                ('expire_at', models.DateTimeField(blank=True, null=True, verbose_name='expiry date/time')),
                ('expired', models.BooleanField(default=False, editable=False, verbose_name='expired')),
                ('locked', models.BooleanField(default=False, editable=False, verbose_name='locked')),
                ('locked_at', models.DateTimeField(editable=False, null=True, verbose_name='locked at')),
                ('kind', models.CharField(choices=[('article', '种草文章'), ('pictures', '产品图集'), ('video', '小视频'), ('new_product', '新品介绍'), ('script', '话术')], max_length=12, verbose_name='类型')),
                ('title', models.CharField(max_length=60, verbose_name='标题')),
                ('summary', models.CharField(blank=True, max_length=120, verbose_name='一句话简介')),
                ('share_text', models.TextField(blank=True, help_text='大C一键复制的就是这段话。', max_length=1000, verbose_name='分享文案')),
                ('body', wagtail.fields.StreamField([('heading', 0), ('paragraph', 1), ('picture', 4), ('points', 6), ('quote', 7), ('product', 10), ('talk', 13)], blank=True, block_lookup={0: ('wagtail.blocks.CharBlock', (), {'icon': 'title', 'label': '小标题', 'max_length': 40, 'template': 'library/blocks/heading.html'}), 1: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ol', 'ul'], 'icon': 'pilcrow', 'label': '正文', 'template': 'library/blocks/paragraph.html'}), 2: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': '图片'}), 3: ('wagtail.blocks.CharBlock', (), {'label': '图注', 'max_length': 60, 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('image', 2), ('caption', 3)]], {}), 5: ('wagtail.blocks.CharBlock', (), {'label': '要点', 'max_length': 60}), 6: ('wagtail.blocks.ListBlock', (5,), {'icon': 'list-ul', 'label': '要点清单', 'template': 'library/blocks/points.html'}), 7: ('wagtail.blocks.CharBlock', (), {'icon': 'openquote', 'label': '金句', 'max_length': 120, 'template': 'library/blocks/quote.html'}), 8: ('apps.library.models.blocks.ChosenProductBlock', (), {'label': '商品'}), 9: ('wagtail.blocks.CharBlock', (), {'label': '推荐的理由', 'max_length': 60, 'required': False}), 10: ('wagtail.blocks.StructBlock', [[('product', 8), ('why', 9)]], {}), 11: ('wagtail.blocks.CharBlock', (), {'label': '客户说', 'max_length': 80}), 12: ('wagtail.blocks.TextBlock', (), {'label': '你说', 'max_length': 300, 'rows': 3}), 13: ('wagtail.blocks.StructBlock', [[('they', 11), ('you', 12)]], {})}, verbose_name='正文')),
                ('channels_url', models.URLField(blank=True, default='', help_text='视频在视频号上时填它，就不用再传文件。', max_length=500, verbose_name='视频号链接')),
                ('occasion', models.CharField(choices=[('daily', '日常'), ('newcomer', '新客'), ('launch', '上新'), ('festival', '节日'), ('season', '换季'), ('promotion', '活动'), ('birthday', '生日'), ('repurchase', '复购'), ('care', '售后关怀')], default='daily', max_length=12, verbose_name='场合')),
                ('stage', models.CharField(blank=True, choices=[('new', '新客'), ('growing', '成长'), ('mature', '熟客'), ('sleeping', '沉睡'), ('lost', '流失')], default='', help_text='不选就是都适合。', max_length=10, verbose_name='适合的客户阶段')),
                ('scene', models.CharField(blank=True, choices=[('icebreak', '破冰'), ('invite', '邀约'), ('recommend', '推荐'), ('price', '谈价'), ('objection', '打消顾虑'), ('closing', '催单'), ('after_sale', '售后'), ('wake', '唤醒')], default='', max_length=12, verbose_name='话术场景')),
                ('is_story', models.BooleanField(db_default=False, default=False, editable=False, verbose_name='用户故事')),
                ('search_text', models.TextField(default='', editable=False)),
                ('search_grams', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, editable=False, size=None)),
                ('cover', models.ForeignKey(blank=True, help_text='不选就用第一张图、视频封面或商品图。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='封面')),
                ('festivals', modelcluster.fields.ParentalManyToManyField(blank=True, related_name='materials', to='library.festival', verbose_name='节气节日')),
                ('latest_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision')),
                ('live_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision')),
                ('locked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='catalog.product', verbose_name='关联商品')),
                ('video', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='media.video', verbose_name='视频')),
            ],
            options={
                'verbose_name': '素材',
                'verbose_name_plural': '素材',
                'permissions': [('withdraw_material', '可以下架素材')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='FourEyesTask',
            fields=[
                ('task_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.task')),
                ('groups', models.ManyToManyField(help_text='Pages/snippets at this step in a workflow will be moderated or approved by these groups of users', to='auth.group', verbose_name='groups')),
            ],
            options={
                'verbose_name': '双人审核',
                'verbose_name_plural': '双人审核',
            },
            bases=('wagtailcore.task',),
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('live', models.BooleanField(default=True, editable=False, verbose_name='live')),
                ('has_unpublished_changes', models.BooleanField(default=False, editable=False, verbose_name='has unpublished changes')),
                ('first_published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='first published at')),
                ('last_published_at', models.DateTimeField(editable=False, null=True, verbose_name='last published at')),
                ('go_live_at', models.DateTimeField(blank=True, null=True, verbose_name='go live date/time')),
                ('expire_at', models.DateTimeField(blank=True, null=True, verbose_name='expiry date/time')),
                ('expired', models.BooleanField(default=False, editable=False, verbose_name='expired')),
                ('locked', models.BooleanField(default=False, editable=False, verbose_name='locked')),
                ('locked_at', models.DateTimeField(editable=False, null=True, verbose_name='locked at')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='期号')),
                ('theme', models.CharField(max_length=30, verbose_name='主题')),
                ('intro', models.CharField(blank=True, max_length=120, verbose_name='给大C的一句话')),
                ('starts_on', models.DateField(help_text='星期一；一期 14 天。', validators=[apps.lib.given.check_day], verbose_name='开始日期')),
                ('latest_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision')),
                ('live_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision')),
                ('locked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to=settings.AUTH_USER_MODEL, verbose_name='负责人')),
            ],
            options={
                'verbose_name': '双周主题',
                'verbose_name_plural': '双周主题',
                'permissions': [('withdraw_issue', '可以下架双周主题')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='IssueQuota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('article', '种草文章'), ('pictures', '产品图集'), ('video', '小视频'), ('new_product', '新品介绍'), ('script', '话术')], max_length=12, verbose_name='类型')),
                ('minimum', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='至少几个')),
                ('issue', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotas', to='library.issue')),
            ],
            options={
                'verbose_name': '配额',
                'verbose_name_plural': '配额',
            },
        ),
        migrations.CreateModel(
            name='TextPrint',
            fields=[
                ('material', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='text_print', serialize=False, to='library.material')),
                ('runs', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('bands', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                'verbose_name': '文字指纹',
                'verbose_name_plural': '文字指纹',
            },
        ),
        migrations.CreateModel(
            name='IssueEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(14)], verbose_name='第几天')),
                ('best_time', models.TimeField(default='09:00', verbose_name='最佳时间')),
                ('tip', models.CharField(blank=True, max_length=60, verbose_name='小提示')),
                ('host_kind', models.CharField(blank=True, choices=[('owner', '群主'), ('guide', '导购')], default='', max_length=10, verbose_name='只给')),
                ('min_level', models.PositiveSmallIntegerField(default=0, verbose_name='等级不低于')),
                ('issue', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='library.issue')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='只给这个组织')),
                ('material', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issue_entries', to='library.material', verbose_name='素材')),
            ],
            options={
                'verbose_name': '排期',
                'verbose_name_plural': '排期',
                'ordering': ['day', 'best_time', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HostVariant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=1000, verbose_name='我的说法')),
                ('updated_at', models.DateTimeField(verbose_name='改于')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='text_variants', to='accounts.host')),
                ('material', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='host_words', to='library.material')),
            ],
            options={
                'verbose_name': '大C的说法',
                'verbose_name_plural': '大C的说法',
            },
        ),
        migrations.CreateModel(
            name='Favourite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(verbose_name='收藏时间')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='favourites', to='accounts.host')),
                ('material', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='favourites', to='library.material')),
            ],
            options={
                'verbose_name': '收藏',
                'verbose_name_plural': '收藏',
            },
        ),
        migrations.CreateModel(
            name='MaterialPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('caption', models.CharField(blank=True, max_length=60, verbose_name='图注')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='图片')),
                ('material', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='library.material')),
            ],
            options={
                'verbose_name': '图片',
                'verbose_name_plural': '图片',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MaterialText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('label', models.CharField(help_text='例如「朋友圈短版」。', max_length=12, verbose_name='叫什么')),
                ('text', models.TextField(max_length=1000, verbose_name='文案')),
                ('material', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='library.material')),
            ],
            options={
                'verbose_name': '另一种说法',
                'verbose_name_plural': '另几种说法',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PosterTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=20, unique=True, verbose_name='名称')),
                ('width', models.PositiveSmallIntegerField(default=1080, validators=[django.core.validators.MinValueValidator(480), django.core.validators.MaxValueValidator(1080)], verbose_name='宽')),
                ('height', models.PositiveSmallIntegerField(default=1440, help_text='最大 1080 × 1440 像素：企业微信朋友圈不压缩的尺寸。', validators=[django.core.validators.MinValueValidator(480), django.core.validators.MaxValueValidator(1440)], verbose_name='高')),
                ('colour', models.CharField(default='#ffffff', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', '颜色写成 #ffffff 这样。')], verbose_name='底色')),
                ('note', models.CharField(default='长按识别二维码', max_length=30, verbose_name='提示语')),
                ('layers', models.JSONField(default=apps.library.models.layouts.default_layers, verbose_name='版式')),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('background', models.ForeignKey(blank=True, help_text='铺满整张；比例不同会裁掉边。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='背景图')),
            ],
            options={
                'verbose_name': '海报模板',
                'verbose_name_plural': '海报模板',
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='material',
            name='poster_template',
            field=models.ForeignKey(blank=True, help_text='不选就用标准版式。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='library.postertemplate', verbose_name='海报模板'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.library.models.issues.Fortnight('starts_on'), '&&')], name='issue_windows_apart', violation_error_message='这 14 天和另一期重叠了。请换一个开始日期。'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__week_day', 2)), name='issue_starts_on_monday', violation_error_message='一期从星期一开始。请选一个星期一。'),
        ),
        migrations.AddConstraint(
            model_name='issuequota',
            constraint=models.UniqueConstraint(fields=('issue', 'kind'), name='quota_once_a_kind', violation_error_message='同一类型的配额写了两次。'),
        ),
        migrations.AddIndex(
            model_name='textprint',
            index=django.contrib.postgres.indexes.GinIndex(fields=['bands'], name='text_print_bands'),
        ),
        migrations.AddConstraint(
            model_name='issueentry',
            constraint=models.CheckConstraint(condition=models.Q(('day__range', (1, 14))), name='entry_day_in_window'),
        ),
        migrations.AddConstraint(
            model_name='issueentry',
            constraint=models.UniqueConstraint(fields=('issue', 'day', 'material'), name='entry_once_a_day', violation_error_message='同一天里这个素材排了两次。'),
        ),
        migrations.AddConstraint(
            model_name='hostvariant',
            constraint=models.UniqueConstraint(fields=('host', 'material'), name='host_words_once'),
        ),
        migrations.AddIndex(
            model_name='favourite',
            index=models.Index(fields=['host', '-created_at'], name='favourite_of_host'),
        ),
        migrations.AddConstraint(
            model_name='favourite',
            constraint=models.UniqueConstraint(fields=('host', 'material'), name='favourite_once'),
        ),
        migrations.AddIndex(
            model_name='material',
            index=models.Index(fields=['live', '-first_published_at', '-id'], name='material_newest'),
        ),
        migrations.AddIndex(
            model_name='material',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search_grams'], name='material_grams'),
        ),
    ]
