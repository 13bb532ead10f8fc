import apps.database.fields
import apps.lib.ids
import apps.stories.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalog', '0001_initial'),
        ('library', '0001_initial'),
        ('media', '0001_initial'),
        ('records', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Story',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('relation_id', models.BigIntegerField(db_index=True)),
                ('title', apps.database.fields.EncryptedTextField(blank=True, verbose_name='标题')),
                ('called', apps.database.fields.EncryptedTextField(blank=True, verbose_name='怎么称呼她')),
                ('text', apps.database.fields.EncryptedTextField(blank=True, verbose_name='她的话')),
                ('state', models.CharField(choices=[('asked', '等她同意'), ('declined', '她没同意'), ('agreed', '等总部看'), ('returned', '总部没有采用'), ('taken', '总部采用了'), ('withdrawn', '已撤回')], default='asked', max_length=10, verbose_name='状态')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('ask_until', models.DateTimeField(verbose_name='同意截止')),
                ('seen_sha256', models.BinaryField(max_length=32, null=True)),
                ('asked_at', models.DateTimeField(verbose_name='请她看的时间')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='她回答的时间')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='审核时间')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='没有采用的原因')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('consent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.consent')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stories', to='accounts.host', verbose_name='大C')),
                ('material', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='story', to='library.material', verbose_name='素材')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='说的是哪个商品')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人')),
            ],
            options={
                'verbose_name': '用户故事',
                'verbose_name_plural': '用户故事',
                'permissions': [('review_story', '可以审核用户故事')],
            },
        ),
        migrations.CreateModel(
            name='StoryPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('file', models.FileField(upload_to=apps.stories.models.picture_path)),
                ('sha256', models.BinaryField(max_length=32)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host')),
                ('image', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='story_picture', to='media.image')),
                ('story', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='stories.story')),
            ],
            options={
                'verbose_name': '故事的图片',
                'verbose_name_plural': '故事的图片',
                'ordering': ['position'],
            },
        ),
        migrations.AddIndex(
            model_name='story',
            index=models.Index(fields=['state', 'answered_at'], name='story_waiting'),
        ),
        migrations.AddIndex(
            model_name='story',
            index=models.Index(fields=['host', '-asked_at'], name='story_of_host'),
        ),
        migrations.AddConstraint(
            model_name='story',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['agreed', 'returned', 'taken']), _negated=True), models.Q(('answered_at__isnull', False), ('consent__isnull', False), ('seen_sha256__isnull', False)), _connector='OR'), name='story_shown_with_consent'),
        ),
        migrations.AddConstraint(
            model_name='story',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'taken'), _negated=True), ('material__isnull', False), _connector='OR'), name='story_taken_is_a_material'),
        ),
        migrations.AddConstraint(
            model_name='storypicture',
            constraint=models.UniqueConstraint(fields=('story', 'position'), name='story_picture_once'),
        ),
    ]
