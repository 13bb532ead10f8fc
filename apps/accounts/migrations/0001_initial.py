import apps.database.fields
import apps.lib.ids
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=255, unique=True)),
                ('depth', models.PositiveIntegerField()),
                ('numchild', models.PositiveIntegerField(default=0)),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('company', '公司'), ('region', '区域'), ('store', '门店'), ('team', '团队')], max_length=10, verbose_name='类型')),
                ('code', models.CharField(blank=True, max_length=40, null=True, unique=True, verbose_name='编号')),
                ('is_active', models.BooleanField(db_default=True, default=True, editable=False, verbose_name='在用')),
            ],
            options={
                'verbose_name': '组织',
                'verbose_name_plural': '组织',
            },
        ),
        migrations.CreateModel(
            name='SentForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.BinaryField(max_length=32, unique=True)),
                ('led_to', models.BinaryField(default=b'')),
                ('created_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('user_id', models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='accounts.organisation', verbose_name='所属组织')),
            ],
            options={
                'verbose_name': '用户',
                'verbose_name_plural': '用户',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='名称')),
                ('is_verified', models.BooleanField(default=False)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Host',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('owner', '群主'), ('guide', '导购')], max_length=10, verbose_name='身份')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='等级')),
                ('status', models.CharField(choices=[('applied', '申请中'), ('active', '在用'), ('suspended', '停用'), ('left', '已离开')], default='applied', max_length=10, verbose_name='状态')),
                ('name', models.CharField(max_length=60, verbose_name='对外称呼')),
                ('wecom_userid', models.CharField(blank=True, max_length=64, null=True, unique=True, verbose_name='企业微信账号')),
                ('tagline', models.CharField(blank=True, max_length=60, verbose_name='一句话介绍')),
                ('quiet_from', models.TimeField(default='22:00', verbose_name='免打扰开始')),
                ('quiet_to', models.TimeField(default='07:30', verbose_name='免打扰结束')),
                ('poster_look', models.CharField(blank=True, db_default='', default='', max_length=10)),
                ('joined_at', models.DateTimeField(verbose_name='加入时间')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='host', to=settings.AUTH_USER_MODEL, verbose_name='登录账号')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosts', to='accounts.organisation', verbose_name='所属组织')),
            ],
            options={
                'verbose_name': '大C',
                'verbose_name_plural': '大C',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('owner', '群主'), ('guide', '导购')], max_length=10, verbose_name='身份')),
                ('level', models.PositiveSmallIntegerField(default=1, verbose_name='等级')),
                ('label', models.CharField(blank=True, max_length=60, verbose_name='给谁用')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('uses_allowed', models.PositiveSmallIntegerField(default=1, verbose_name='可用次数')),
                ('uses', models.PositiveSmallIntegerField(default=0, verbose_name='已用次数')),
                ('made_at', models.DateTimeField(verbose_name='生成时间')),
                ('expires_at', models.DateTimeField(verbose_name='有效到')),
                ('revoked_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='accounts.organisation', verbose_name='加入哪个组织')),
            ],
            options={
                'verbose_name': '邀请',
                'verbose_name_plural': '邀请',
            },
        ),
        migrations.CreateModel(
            name='OneTimeLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('purpose', models.CharField(choices=[('password', '重设密码'), ('activation', '启用账号')], max_length=12)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='one_time_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HostTransition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=10)),
                ('to_status', models.CharField(choices=[('applied', '申请中'), ('active', '在用'), ('suspended', '停用'), ('left', '已离开')], max_length=10)),
                ('from_level', models.PositiveSmallIntegerField(null=True)),
                ('to_level', models.PositiveSmallIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transitions', to='accounts.host')),
                ('from_organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('to_organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
            ],
            options={
                'verbose_name': '大C变动记录',
                'verbose_name_plural': '大C变动记录',
            },
        ),
        migrations.CreateModel(
            name='RateHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.BinaryField(max_length=16)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['key', 'at'], name='rate_hit_key_at'), models.Index(fields=['at'], name='rate_hit_at')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(max_length=16)),
                ('created_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AccountEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('role_given', '给了角色'), ('role_taken', '收回角色'), ('enabled', '恢复登录'), ('disabled', '停止登录'), ('link_made', '生成重设密码的链接'), ('password_chosen', '设了新密码'), ('unlocked', '解除登录锁定'), ('signed_out', '退出所有设备'), ('second_step_on', '开通两步验证'), ('second_step_off', '清除两步验证'), ('codes_made', '换了一套备用码'), ('code_used', '用备用码登录'), ('token_made', '新建接口令牌'), ('token_revoked', '停用接口令牌'), ('wecom_bound', '换绑企业微信'), ('renamed', '改登录账号'), ('placed', '改所属组织')], max_length=16, verbose_name='事情')),
                ('detail', models.CharField(blank=True, max_length=400, verbose_name='说明')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-at'], name='account_event_user_at')],
            },
        ),
        migrations.CreateModel(
            name='Authenticator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, default=None, help_text='A timestamp of the last failed verification attempt. Null if last attempt succeeded.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(default=0, help_text='Number of successive failed attempts.')),
                ('secret', apps.database.fields.EncryptedTextField()),
                ('last_step', models.BigIntegerField(default=-1)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(help_text='The user that this device belongs to.', on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed', True)), fields=('user',), name='one_authenticator_each')],
            },
        ),
        migrations.CreateModel(
            name='HostImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('file_name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file_sha256', models.BinaryField(max_length=32)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('rows_in', models.PositiveIntegerField(verbose_name='行数')),
                ('created', models.PositiveIntegerField(verbose_name='新增')),
                ('changed', models.PositiveIntegerField(verbose_name='更新')),
                ('unchanged', models.PositiveIntegerField(verbose_name='未变')),
                ('rejected', models.PositiveIntegerField(verbose_name='退回')),
                ('rejected_csv', apps.database.fields.EncryptedTextField(default='')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '大C导入',
                'verbose_name_plural': '大C导入',
                'constraints': [models.CheckConstraint(condition=models.Q(('rows_in', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.F('changed')), '+', models.F('unchanged')), '+', models.F('rejected')))), name='host_import_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('name', apps.database.fields.EncryptedTextField(verbose_name='称呼')),
                ('phone', apps.database.fields.EncryptedTextField(verbose_name='手机号')),
                ('phone_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('wecom_userid', models.CharField(blank=True, max_length=64, verbose_name='企业微信账号')),
                ('why', apps.database.fields.EncryptedTextField(default='', verbose_name='想说的话')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('state', models.CharField(choices=[('waiting', '等待审核'), ('approved', '已通过'), ('refused', '未通过'), ('withdrawn', '已撤回')], default='waiting', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('notice_sha256', models.BinaryField(max_length=32)),
                ('consented_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(verbose_name='申请时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='审核时间')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('host', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='application', to='accounts.host')),
                ('closed_at', models.DateTimeField(null=True)),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='accounts.invitation')),
            ],
            options={
                'verbose_name': '加入申请',
                'verbose_name_plural': '加入申请',
                'indexes': [models.Index(fields=['state', '-created_at'], name='application_state_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('phone_index__isnull', False), ('state', 'waiting')), fields=('phone_index',), name='application_phone_waits_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('uses__lte', models.F('uses_allowed'))), name='invitation_not_overused'),
        ),
        migrations.AddIndex(
            model_name='hosttransition',
            index=models.Index(fields=['host', '-at'], name='transition_host_at'),
        ),
        migrations.AddIndex(
            model_name='host',
            index=models.Index(fields=['status', 'organisation'], name='host_status_org'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('user', 'digest'), name='recovery_code_once'),
        ),
        migrations.CreateModel(
            name='HostPhone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=apps.lib.ids.uuid7, editable=False, unique=True)),
                ('phone', apps.database.fields.EncryptedTextField(verbose_name='手机号')),
                ('changed_at', models.DateTimeField(verbose_name='填写时间')),
                ('host', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='phone_row', to='accounts.host')),
            ],
            options={
                'verbose_name': '大C的手机号',
                'verbose_name_plural': '大C的手机号',
            },
        ),
    ]
