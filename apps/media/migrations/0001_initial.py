import apps.lib.ids
import apps.media.models
import django.db.models.deletion
import modelsearch.index
import taggit.managers
import wagtail.images.models
import wagtail.models.media
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('file', wagtail.images.models.WagtailImageField(height_field='height', upload_to=wagtail.images.models.get_upload_to, verbose_name='file', width_field='width')),
                ('description', models.CharField(blank=True, default='', max_length=255, verbose_name='description')),
                ('width', models.IntegerField(editable=False, verbose_name='width')),
                ('height', models.IntegerField(editable=False, verbose_name='height')),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='created at')),
                ('focal_point_x', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_y', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_width', models.PositiveIntegerField(blank=True, null=True)),
                ('focal_point_height', models.PositiveIntegerField(blank=True, null=True)),
                ('file_size', models.PositiveIntegerField(editable=False, null=True)),
                ('file_hash', models.CharField(blank=True, db_index=True, editable=False, max_length=40)),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('collection', models.ForeignKey(default=wagtail.models.media.get_root_collection_id, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.collection', verbose_name='collection')),
                ('tags', taggit.managers.TaggableManager(blank=True, help_text='A comma-separated list of tags.', through='taggit.TaggedItem', to='taggit.Tag', verbose_name='标签')),
                ('uploaded_by_user', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploaded_pictures', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '图片',
                'verbose_name_plural': '图片',
                'permissions': [('choose_image', '可以选用图片')],
                'abstract': False,
            },
            bases=(wagtail.images.models.ImageFileMixin, modelsearch.index.Indexed, models.Model),
        ),
        migrations.CreateModel(
            name='Video',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('title', models.CharField(max_length=100, verbose_name='标题')),
                ('file', models.FileField(upload_to=apps.media.models.film_path, verbose_name='视频文件')),
                ('duration_s', models.DecimalField(decimal_places=2, editable=False, max_digits=7, verbose_name='时长（秒）')),
                ('size_bytes', models.PositiveIntegerField(editable=False, verbose_name='大小')),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
                ('cover', models.ForeignKey(blank=True, help_text='不选就用视频里的一帧。', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.image', verbose_name='封面')),
                ('uploaded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传的人')),
            ],
            options={
                'verbose_name': '视频',
                'verbose_name_plural': '视频',
            },
        ),
        migrations.CreateModel(
            name='HostPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('face', '头像'), ('code', '微信码')], max_length=10)),
                ('file', models.FileField(upload_to=apps.media.models.host_picture_path)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('on_posters', models.BooleanField(db_default=False, default=False, verbose_name='海报上也放')),
                ('added_at', models.DateTimeField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pictures', to='accounts.host')),
            ],
            options={
                'verbose_name': '大C的头像和微信码',
                'verbose_name_plural': '大C的头像和微信码',
                'constraints': [models.UniqueConstraint(fields=('host', 'kind'), name='host_picture_once')],
            },
        ),
        migrations.CreateModel(
            name='Poster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=20)),
                ('subject_id', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('file', models.FileField(upload_to=apps.media.models.poster_path)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField()),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posters', to='accounts.host')),
            ],
            options={
                'verbose_name': '海报',
                'verbose_name_plural': '海报',
                'indexes': [models.Index(fields=['host', 'subject_kind', 'subject_id'], name='poster_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filter_spec', models.CharField(db_index=True, max_length=255)),
                ('file', wagtail.images.models.WagtailImageField(height_field='height', storage=wagtail.images.models.get_rendition_storage, upload_to=wagtail.images.models.get_rendition_upload_to, width_field='width')),
                ('width', models.IntegerField(editable=False)),
                ('height', models.IntegerField(editable=False)),
                ('focal_point_key', models.CharField(blank=True, default='', editable=False, max_length=16)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='media.image')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('image', 'filter_spec', 'focal_point_key'), name='rendition_one_per_size')],
            },
            bases=(wagtail.images.models.ImageFileMixin, models.Model),
        ),
    ]
