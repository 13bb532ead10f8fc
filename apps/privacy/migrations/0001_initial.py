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
            name='Rotation',
            fields=[
                ('name', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('after', models.BigIntegerField(default=0)),
                ('changed', models.PositiveBigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('pseudonym', models.CharField(max_length=20)),
                ('erased_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='KeyState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index_fingerprint', models.BinaryField(max_length=8)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_key_state')],
            },
        ),
        migrations.CreateModel(
            name='ExportRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('what', models.CharField(max_length=20, verbose_name='导出什么')),
                ('filters', models.JSONField(default=dict, verbose_name='范围')),
                ('is_clear', models.BooleanField(default=False, verbose_name='完整信息（不打码）')),
                ('reason', models.CharField(max_length=200, verbose_name='用途')),
                ('requested_at', models.DateTimeField(verbose_name='申请时间')),
                ('state', models.CharField(choices=[('waiting', '等待审批'), ('approved', '正在生成'), ('ready', '可以下载'), ('refused', '没有通过'), ('cancelled', '已取消'), ('expired', '已过期'), ('failed', '没有生成')], default='waiting', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审批时间')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('rows', models.PositiveIntegerField(null=True, verbose_name='行数')),
                ('file', models.CharField(blank=True, max_length=120)),
                ('ready_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True, verbose_name='失效时间')),
                ('ended_because', models.CharField(blank=True, max_length=100)),
                ('approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('own_host', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host', verbose_name='大C')),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '导出申请',
                'verbose_name_plural': '导出申请',
                'permissions': [('approve_export', '能审批导出')],
                'indexes': [models.Index(fields=['requester', '-requested_at'], name='export_requester'), models.Index(fields=['state', 'expires_at'], name='export_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'ready', 'expired']), _negated=True), ('own_host__isnull', False), models.Q(('approver__isnull', False), models.Q(('approver', models.F('requester')), _negated=True)), _connector='OR'), name='export_approved_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('expires_at__isnull', False), ('state', 'ready'), models.Q(('file', ''), _negated=True)), models.Q(models.Q(('state', 'ready'), _negated=True), ('file', '')), _connector='OR'), name='export_ready_has_file')],
            },
        ),
        migrations.CreateModel(
            name='RightsRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('export', '带走我的资料'), ('erase', '删除我的资料')], max_length=10, verbose_name='要求')),
                ('state', models.CharField(choices=[('requested', '等待核实'), ('verified', '已核实'), ('ready', '可以查看'), ('blocked', '已停用，正在删除'), ('erased', '已删除'), ('refused', '没有办理'), ('expired', '已结束')], default='requested', max_length=10, verbose_name='状态')),
                ('phone', apps.database.fields.EncryptedTextField(default='', verbose_name='手机号')),
                ('phone_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('host_id', models.BigIntegerField(null=True)),
                ('relation_ids', models.JSONField(default=list)),
                ('customer_ids', models.JSONField(default=list)),
                ('view_digest', models.BinaryField(max_length=32, unique=True)),
                ('view_until', models.DateTimeField()),
                ('code_mac', models.BinaryField(max_length=32, null=True)),
                ('code_until', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('proof', models.CharField(blank=True, choices=[('hq', '总部回拨电话核实'), ('host', '大C在聊天里核实')], max_length=10, verbose_name='怎样核实')),
                ('requested_at', models.DateTimeField(verbose_name='提出时间')),
                ('due_at', models.DateTimeField(verbose_name='最晚办完')),
                ('verified_at', models.DateTimeField(null=True, verbose_name='核实时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='办完时间')),
                ('steps', models.JSONField(default=list)),
                ('pseudonym', models.CharField(blank=True, max_length=20, verbose_name='化名')),
                ('file', models.CharField(blank=True, max_length=120)),
                ('refusal', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('proved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核实人')),
            ],
            options={
                'verbose_name': '资料请求',
                'verbose_name_plural': '资料请求',
                'indexes': [models.Index(fields=['state', 'due_at'], name='rights_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'refused', 'expired']), ('verified_at__isnull', False), _connector='OR'), name='rights_nothing_unproved')],
            },
        ),
    ]
