import apps.database.fields
import apps.lib.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('customers', '0001_initial'),
        ('media', '0001_initial'),
        ('tracking', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('fingerprint', models.BinaryField(max_length=16, unique=True)),
                ('token', apps.database.fields.EncryptedTextField()),
                ('expires_at', models.DateTimeField()),
                ('fetched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('fetches', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Breaker',
            fields=[
                ('api', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('open_until', models.DateTimeField()),
                ('strikes', models.PositiveSmallIntegerField(default=0)),
                ('reason', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='LoginState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('session_digest', models.BinaryField(max_length=32)),
                ('next_path', models.CharField(max_length=500)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='MassSend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('channel', models.CharField(choices=[('group', '社群'), ('single', '一对一'), ('moments', '朋友圈'), ('poster', '海报'), ('copy', '链接')], max_length=10)),
                ('key', models.UUIDField()),
                ('title', models.CharField(max_length=100)),
                ('text', models.TextField(blank=True)),
                ('audience', models.CharField(max_length=60)),
                ('image_ids', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('queued', '正在排队'), ('waiting', '等你确认'), ('sent', '已发送'), ('refused', '没排上'), ('unsure', '不确定'), ('expired', '没有发')], default='queued', max_length=8)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('chosen', models.PositiveIntegerField(null=True)),
                ('left_out', models.JSONField(default=dict)),
                ('reached', models.PositiveIntegerField(default=0)),
                ('missed', models.PositiveIntegerField(default=0)),
                ('msgid', models.CharField(blank=True, default='', max_length=100)),
                ('jobid', models.CharField(blank=True, default='', max_length=100)),
                ('moment_id', models.CharField(blank=True, default='', max_length=100)),
                ('created_at', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('taken_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('look_at', models.DateTimeField(null=True)),
                ('missing_since', models.DateTimeField(null=True)),
                ('film', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='media.video')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mass_sends', to='accounts.host')),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracking.link')),
                ('poster', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='media.poster')),
            ],
            options={
                'verbose_name': '企业微信群发',
                'verbose_name_plural': '企业微信群发',
            },
        ),
        migrations.CreateModel(
            name='MassSendRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', '等你确认'), ('sent', '已送达'), ('gone', '已不是好友'), ('full', '收到的群发已到上限'), ('refused', '企业微信发不到她'), ('held', '没有同意，没有发给她')], default='waiting', max_length=8)),
                ('sent_at', models.DateTimeField(null=True)),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.relation')),
                ('send', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='wecom.masssend')),
            ],
        ),
        migrations.AddIndex(
            model_name='masssend',
            index=models.Index(fields=['host', '-created_at'], name='mass_send_of_host'),
        ),
        migrations.AddIndex(
            model_name='masssend',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['look_at'], name='mass_send_to_look'),
        ),
        migrations.AddConstraint(
            model_name='masssend',
            constraint=models.UniqueConstraint(fields=('host', 'key'), name='mass_send_once'),
        ),
        migrations.AddConstraint(
            model_name='masssendrecipient',
            constraint=models.UniqueConstraint(fields=('send', 'relation'), name='mass_send_recipient_once'),
        ),
    ]
