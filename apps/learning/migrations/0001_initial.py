import apps.lib.given
import apps.learning.models.training
import apps.lib.ids
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
        ('library', '0001_initial'),
        ('media', '0001_initial'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
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
                ('month', models.DateField(help_text='填这个月的 1 号；一个月发布一个案例。', validators=[apps.lib.given.check_day], verbose_name='月份')),
                ('title', models.CharField(max_length=40, verbose_name='标题')),
                ('summary', models.CharField(blank=True, max_length=120, verbose_name='一句话')),
                ('background', models.TextField(blank=True, help_text='当时是什么情况。', max_length=1000, verbose_name='背景')),
                ('actions', models.TextField(blank=True, help_text='她做了什么，按先后写。', max_length=2000, verbose_name='动作')),
                ('cover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='封面')),
                ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='accounts.host', verbose_name='谁的做法')),
                ('latest_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision')),
                ('live_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision')),
                ('locked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL, verbose_name='负责人')),
            ],
            options={
                'verbose_name': '案例',
                'verbose_name_plural': '案例',
                'permissions': [('withdraw_case', '可以下架案例')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='Adoption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('started_at', models.DateTimeField(verbose_name='开始')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='做完')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='放下')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adoptions', to='accounts.host')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adoptions', to='learning.case')),
            ],
            options={
                'verbose_name': '照着做',
                'verbose_name_plural': '照着做',
            },
        ),
        migrations.CreateModel(
            name='CaseFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('label', models.CharField(help_text='例如「之后两周的成交」。', max_length=20, verbose_name='怎么说')),
                ('metric', models.CharField(choices=[('gmv', '成交金额'), ('orders', '订单'), ('visits', '来访'), ('new_customers', '新客户'), ('shares', '转发')], max_length=16, verbose_name='数字')),
                ('first', models.DateField(validators=[apps.lib.given.check_day], verbose_name='从哪天')),
                ('last', models.DateField(validators=[apps.lib.given.check_day], verbose_name='到哪天')),
                ('case', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='learning.case')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host', verbose_name='谁的')),
            ],
            options={
                'verbose_name': '数字',
                'verbose_name_plural': '数据',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('when', models.CharField(blank=True, max_length=30, verbose_name='什么时候说')),
                ('text', models.TextField(max_length=500, verbose_name='原话')),
                ('case', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='learning.case')),
            ],
            options={
                'verbose_name': '话术',
                'verbose_name_plural': '话术',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('text', models.CharField(max_length=80, verbose_name='做什么')),
                ('hint', models.CharField(blank=True, max_length=160, verbose_name='怎么做')),
                ('case', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='learning.case')),
                ('material', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='library.material', verbose_name='用哪个素材')),
            ],
            options={
                'verbose_name': '步骤',
                'verbose_name_plural': '可复制步骤',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LearningChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hides_name', models.BooleanField(default=False, verbose_name='榜上不显示我的名字')),
                ('host', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='learning_choice', to='accounts.host')),
            ],
        ),
        migrations.CreateModel(
            name='Lesson',
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
                ('title', models.CharField(max_length=40, verbose_name='标题')),
                ('minutes', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)], verbose_name='几分钟')),
                ('body', wagtail.fields.StreamField([('heading', 0), ('paragraph', 1), ('picture', 4), ('points', 6), ('quote', 7), ('product', 10), ('talk', 13), ('question', 20)], blank=True, block_lookup={0: ('wagtail.blocks.CharBlock', (), {'icon': 'title', 'label': '小标题', 'max_length': 40, 'template': 'library/blocks/heading.html'}), 1: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ol', 'ul'], 'icon': 'pilcrow', 'label': '正文', 'template': 'library/blocks/paragraph.html'}), 2: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': '图片'}), 3: ('wagtail.blocks.CharBlock', (), {'label': '图注', 'max_length': 60, 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('image', 2), ('caption', 3)]], {}), 5: ('wagtail.blocks.CharBlock', (), {'label': '要点', 'max_length': 60}), 6: ('wagtail.blocks.ListBlock', (5,), {'icon': 'list-ul', 'label': '要点清单', 'template': 'library/blocks/points.html'}), 7: ('wagtail.blocks.CharBlock', (), {'icon': 'openquote', 'label': '金句', 'max_length': 120, 'template': 'library/blocks/quote.html'}), 8: ('apps.library.models.blocks.ChosenProductBlock', (), {'label': '商品'}), 9: ('wagtail.blocks.CharBlock', (), {'label': '推荐的理由', 'max_length': 60, 'required': False}), 10: ('wagtail.blocks.StructBlock', [[('product', 8), ('why', 9)]], {}), 11: ('wagtail.blocks.CharBlock', (), {'label': '客户说', 'max_length': 80}), 12: ('wagtail.blocks.TextBlock', (), {'label': '你说', 'max_length': 300, 'rows': 3}), 13: ('wagtail.blocks.StructBlock', [[('they', 11), ('you', 12)]], {}), 14: ('wagtail.blocks.CharBlock', (), {'label': '问题', 'max_length': 120}), 15: ('wagtail.blocks.CharBlock', (), {'label': '选项', 'max_length': 80}), 16: ('wagtail.blocks.BooleanBlock', (), {'label': '这个对', 'required': False}), 17: ('wagtail.blocks.StructBlock', [[('text', 15), ('is_right', 16)]], {}), 18: ('wagtail.blocks.ListBlock', (17,), {'label': '选项（2 到 4 个，一个对）', 'max_num': 4, 'min_num': 2}), 19: ('wagtail.blocks.CharBlock', (), {'help_text': '答完马上看到，对错都看到。', 'label': '为什么', 'max_length': 160}), 20: ('wagtail.blocks.StructBlock', [[('text', 14), ('choices', 18), ('why', 19)]], {})}, verbose_name='内容和小测')),
                ('task', models.CharField(blank=True, help_text='在自己的群里做一次，交一张截图。不填就没有练习。', max_length=200, verbose_name='练习')),
                ('latest_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision')),
                ('live_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision')),
                ('locked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by')),
                ('video', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.video', verbose_name='视频')),
            ],
            options={
                'verbose_name': '课',
                'verbose_name_plural': '课',
                'permissions': [('withdraw_lesson', '可以下架课'), ('review_practice', '可以批改练习')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('is_made_up', models.BooleanField(default=False, verbose_name='补卡')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='accounts.host')),
                ('lesson', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning.lesson')),
            ],
            options={
                'verbose_name': '打卡',
                'verbose_name_plural': '打卡',
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.UUIDField()),
                ('choice', models.PositiveSmallIntegerField()),
                ('tries', models.PositiveSmallIntegerField(default=1)),
                ('right_at', models.DateTimeField(null=True)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lesson_answers', to='accounts.host')),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning.lesson')),
            ],
        ),
        migrations.CreateModel(
            name='Path',
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
                ('title', models.CharField(max_length=30, verbose_name='标题')),
                ('intro', models.CharField(blank=True, max_length=100, verbose_name='学完能做什么')),
                ('min_level', models.PositiveSmallIntegerField(default=1, verbose_name='等级从')),
                ('max_level', models.PositiveSmallIntegerField(blank=True, help_text='不填就是往上都适合。', null=True, verbose_name='等级到')),
                ('position', models.PositiveSmallIntegerField(default=1, verbose_name='顺序')),
                ('latest_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision')),
                ('live_revision', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision')),
                ('locked_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by')),
            ],
            options={
                'verbose_name': '学习路径',
                'verbose_name_plural': '学习路径',
                'permissions': [('withdraw_path', '可以下架学习路径')],
            },
            bases=(wagtail.models.preview.PreviewableMixin, models.Model),
        ),
        migrations.CreateModel(
            name='PathLesson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paths', to='learning.lesson', verbose_name='课')),
                ('path', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='lessons', to='learning.path')),
            ],
            options={
                'verbose_name': '课',
                'verbose_name_plural': '课',
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Practice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('file', models.FileField(upload_to=apps.learning.models.training.proof_path, verbose_name='截图')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='想说的话')),
                ('state', models.CharField(choices=[('waiting', '等批改'), ('passed', '通过'), ('returned', '退回重做')], default='waiting', max_length=10, verbose_name='状态')),
                ('submitted_at', models.DateTimeField(verbose_name='交的时间')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='批改时间')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='评语')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='practices', to='accounts.host', verbose_name='大C')),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='practices', to='learning.lesson', verbose_name='课')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批改人')),
            ],
            options={
                'verbose_name': '练习',
                'verbose_name_plural': '练习',
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='开始')),
                ('touched_at', models.DateTimeField(verbose_name='最近一次')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='学完')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lesson_progress', to='accounts.host')),
                ('lesson', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='learning.lesson')),
            ],
            options={
                'verbose_name': '学习进度',
                'verbose_name_plural': '学习进度',
            },
        ),
        migrations.CreateModel(
            name='AdoptedStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=80)),
                ('hint', models.CharField(blank=True, max_length=160)),
                ('done_at', models.DateTimeField(null=True)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host')),
                ('material', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='library.material')),
                ('adoption', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='learning.adoption')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('adoption', 'position'), name='adopted_step_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('live', True)), fields=('month',), name='case_once_a_month', violation_error_message='这个月已经发布过一个案例。'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='case_month_is_its_first_day'),
        ),
        migrations.AddIndex(
            model_name='adoption',
            index=models.Index(fields=['case', 'started_at'], name='adoption_of_case'),
        ),
        migrations.AddConstraint(
            model_name='adoption',
            constraint=models.UniqueConstraint(fields=('host', 'case'), name='adoption_once'),
        ),
        migrations.AddConstraint(
            model_name='adoption',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at', None), ('dropped_at', None), _connector='OR'), name='adoption_one_end'),
        ),
        migrations.AddConstraint(
            model_name='casefigure',
            constraint=models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='case_figure_days', violation_error_message='结束那天不能早于开始那天。'),
        ),
        migrations.AddIndex(
            model_name='checkin',
            index=models.Index(fields=['day', 'host'], name='check_in_of_day'),
        ),
        migrations.AddConstraint(
            model_name='checkin',
            constraint=models.UniqueConstraint(fields=('host', 'day'), name='check_in_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('host', 'lesson', 'question'), name='answer_once'),
        ),
        migrations.AddConstraint(
            model_name='path',
            constraint=models.CheckConstraint(condition=models.Q(('max_level', None), ('max_level__gte', models.F('min_level')), _connector='OR'), name='path_levels', violation_error_message='「等级到」不能小于「等级从」。'),
        ),
        migrations.AddConstraint(
            model_name='pathlesson',
            constraint=models.UniqueConstraint(fields=('path', 'lesson'), name='path_lesson_once', violation_error_message='同一课排了两次。'),
        ),
        migrations.AddIndex(
            model_name='practice',
            index=models.Index(fields=['state', 'submitted_at'], name='practice_waiting'),
        ),
        migrations.AddConstraint(
            model_name='practice',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'passed'])), fields=('host', 'lesson'), name='practice_one_open'),
        ),
        migrations.AddConstraint(
            model_name='practice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('reviewed_at__isnull', False)), _connector='OR'), name='practice_reviewed_has_time'),
        ),
        migrations.AddIndex(
            model_name='progress',
            index=models.Index(fields=['lesson', 'finished_at'], name='progress_of_lesson'),
        ),
        migrations.AddConstraint(
            model_name='progress',
            constraint=models.UniqueConstraint(fields=('host', 'lesson'), name='progress_once'),
        ),
    ]
