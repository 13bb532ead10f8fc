import apps.database.fields
import apps.lib.ids
import django.db.models.deletion
import django.db.models.expressions
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
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='customers.customer')),
            ],
            options={
                'verbose_name': '客户',
                'verbose_name_plural': '客户',
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('reason', models.CharField(max_length=200, verbose_name='原因')),
                ('scope', models.CharField(max_length=100, verbose_name='范围')),
                ('state', models.CharField(choices=[('running', '进行中'), ('done', '已完成'), ('stopped', '已停下')], default='running', max_length=8, verbose_name='状态')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='客户')),
                ('moved', models.PositiveIntegerField(default=0, verbose_name='已交接')),
                ('skipped', models.PositiveIntegerField(default=0, verbose_name='没有交接')),
                ('others', models.PositiveIntegerField(default=0, verbose_name='只下过存疑的单')),
                ('started_at', models.DateTimeField(verbose_name='开始')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁办的')),
                ('from_host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handed_away', to='accounts.host', verbose_name='原来的大C')),
                ('to_host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handed_in', to='accounts.host', verbose_name='接手的大C')),
            ],
            options={
                'verbose_name': '客户交接',
                'verbose_name_plural': '客户交接',
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('issuer', models.CharField(max_length=60, verbose_name='来源')),
                ('kind', models.CharField(choices=[('unionid', 'UnionID'), ('external', '企业微信客户'), ('phone', '手机号'), ('member', '会员号'), ('shop', '外部店铺账号')], max_length=10, verbose_name='类型')),
                ('value', apps.database.fields.EncryptedTextField(verbose_name='值')),
                ('value_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('main_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('created_at', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('customers', '客户'), ('orders', '订单'), ('products', '商品')], max_length=10, verbose_name='类型')),
                ('file_name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file_sha256', models.BinaryField(max_length=32)),
                ('source', models.CharField(blank=True, max_length=60, verbose_name='来源')),
                ('state', models.CharField(choices=[('staging', '读取中'), ('applying', '写入中'), ('paused', '已暂停'), ('applied', '已完成'), ('refused', '未导入')], default='staging', max_length=10, verbose_name='状态')),
                ('rows_in', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('created', models.PositiveIntegerField(default=0, verbose_name='新增')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='更新')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='未变')),
                ('rejected', models.PositiveIntegerField(default=0, verbose_name='退回')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '导入',
                'verbose_name_plural': '导入',
                'indexes': [models.Index(fields=['kind', 'file_sha256'], name='import_file')],
            },
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('after', models.CharField(blank=True, max_length=200)),
                ('up_to', models.CharField(max_length=200)),
                ('created', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('rejected', models.PositiveIntegerField(default=0)),
                ('applied_at', models.DateTimeField(null=True)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='customers.importrun')),
            ],
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', apps.database.fields.EncryptedTextField(default='', verbose_name='姓名')),
                ('remark', apps.database.fields.EncryptedTextField(default='', verbose_name='称呼')),
                ('phone', apps.database.fields.EncryptedTextField(default='', verbose_name='手机号')),
                ('phone_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('phone_last4_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('external_userid', apps.database.fields.EncryptedTextField(default='', verbose_name='企业微信客户号')),
                ('external_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('of_other_company', models.BooleanField(db_default=False, default=False, verbose_name='别家公司的企业微信')),
                ('source_key', models.CharField(blank=True, default='', max_length=80, verbose_name='来源编号')),
                ('imported_stage', models.CharField(blank=True, choices=[('new', '新客'), ('growing', '成长'), ('mature', '熟客'), ('sleeping', '沉睡'), ('lost', '流失')], db_default='', default='', max_length=10, verbose_name='来源里写的阶段')),
                ('source', models.CharField(choices=[('wecom', '企业微信'), ('order', '下单'), ('import', '导入'), ('manual', '手工添加')], max_length=10, verbose_name='来源')),
                ('is_customer', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='算作客户')),
                ('birthday_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='生日月')),
                ('birthday_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='生日日')),
                ('joined_at', models.DateTimeField(verbose_name='成为客户')),
                ('last_contact_at', models.DateTimeField(blank=True, null=True, verbose_name='上次联系')),
                ('next_action', apps.database.fields.EncryptedTextField(default='', verbose_name='下一步')),
                ('next_action_on', models.DateField(blank=True, null=True, verbose_name='下一步日期')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('blocked_at', models.DateTimeField(editable=False, null=True)),
                ('pseudonym', models.CharField(blank=True, db_default='', default='', editable=False, max_length=20)),
                ('began_with', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.host')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relations', to='customers.customer')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relations', to='accounts.host', verbose_name='大C')),
            ],
            options={
                'verbose_name': '客户关系',
                'verbose_name_plural': '客户关系',
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('text', apps.database.fields.EncryptedTextField(verbose_name='内容')),
                ('written_at', models.DateTimeField()),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='customers.relation')),
            ],
        ),
        migrations.CreateModel(
            name='HandOverItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_customer', models.BooleanField(db_default=True, default=True)),
                ('state', models.CharField(choices=[('waiting', '等待交接'), ('moved', '已交接'), ('skipped', '没有交接')], default='waiting', max_length=8, verbose_name='状态')),
                ('outcome', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('moved_at', models.DateTimeField(null=True)),
                ('transfer', models.CharField(blank=True, choices=[('', '不需要'), ('queued', '等待发起'), ('waiting', '等客户确认'), ('done', '已转接'), ('refused', '客户不同意'), ('failed', '没能转接')], max_length=8, verbose_name='企业微信转接')),
                ('transfer_note', models.CharField(blank=True, max_length=200)),
                ('transfer_at', models.DateTimeField(null=True)),
                ('former_external_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('hand_over', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='customers.handover')),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hand_overs', to='customers.relation')),
            ],
            options={
                'verbose_name': '交接的客户',
                'verbose_name_plural': '交接的客户',
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=20, verbose_name='标签')),
                ('created_at', models.DateTimeField()),
                ('host', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tags', to='accounts.host')),
            ],
            options={
                'verbose_name': '标签',
                'verbose_name_plural': '标签',
            },
        ),
        migrations.CreateModel(
            name='RelationTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tagged_at', models.DateTimeField()),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relation_tags', to='customers.relation')),
                ('tagged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relation_tags', to='customers.tag')),
            ],
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('from_host', models.F('to_host')), _negated=True), name='hand_over_to_another'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('finished_at__isnull', False), ('total', django.db.models.expressions.CombinedExpression(models.F('moved'), '+', models.F('skipped')))), _connector='OR'), name='hand_over_adds_up'),
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(fields=['kind', 'issuer', 'value_index'], name='identity_key'),
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(condition=models.Q(('main_index__isnull', False)), fields=['main_index'], name='identity_main'),
        ),
        migrations.AddConstraint(
            model_name='importchunk',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='import_chunk_once'),
        ),
        migrations.AddIndex(
            model_name='relation',
            index=models.Index(fields=['host', '-joined_at'], name='relation_host_joined'),
        ),
        migrations.AddIndex(
            model_name='relation',
            index=models.Index(fields=['host', 'phone_last4_index'], name='relation_host_last4'),
        ),
        migrations.AddIndex(
            model_name='relation',
            index=models.Index(condition=models.Q(('blocked_at__isnull', False), ('is_customer', False), _connector='OR'), fields=['host'], name='relation_unlisted'),
        ),
        migrations.AddIndex(
            model_name='relation',
            index=models.Index(condition=models.Q(('began_with__isnull', False)), fields=['began_with', 'joined_at'], name='relation_began_with'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.UniqueConstraint(condition=models.Q(('phone_index__isnull', False)), fields=('host', 'phone_index'), name='relation_phone_once'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.UniqueConstraint(condition=models.Q(('external_index__isnull', False)), fields=('host', 'external_index'), name='relation_external_once'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.UniqueConstraint(condition=models.Q(('source_key', ''), _negated=True), fields=('host', 'source_key'), name='relation_source_once'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['relation', '-written_at'], name='note_relation_at'),
        ),
        migrations.AddIndex(
            model_name='handoveritem',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['hand_over', 'relation'], name='hand_over_waiting'),
        ),
        migrations.AddIndex(
            model_name='handoveritem',
            index=models.Index(condition=models.Q(('transfer__in', ['queued', 'waiting'])), fields=['former_external_index'], name='hand_over_transferring'),
        ),
        migrations.AddConstraint(
            model_name='handoveritem',
            constraint=models.UniqueConstraint(fields=('hand_over', 'relation'), name='hand_over_item_once'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('host', 'name'), name='tag_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='relationtag',
            constraint=models.UniqueConstraint(fields=('relation', 'tag'), name='relation_tag_once'),
        ),
    ]
