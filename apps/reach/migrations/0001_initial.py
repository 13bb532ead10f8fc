import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Asking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='问她的时间')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('open_until', models.DateTimeField(verbose_name='回答截止')),
                ('answer', models.CharField(blank=True, choices=[('', '还没有回答'), ('yes', '愿意'), ('no', '先不用')], default='', max_length=3, verbose_name='她的回答')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='回答时间')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='askings', to='customers.relation')),
            ],
            options={
                'verbose_name': '征得同意',
                'verbose_name_plural': '征得同意',
                'indexes': [models.Index(fields=['relation', '-asked_at'], name='asking_of_relation')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='asking_answer_has_time')],
            },
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('offers', '新品和优惠'), ('greeting', '加好友后的问候'), ('order', '订单通知'), ('hand-over', '换人服务的通知'), ('story', '请她讲自己的故事'), ('asking', '问她愿不愿意收优惠')], max_length=12, verbose_name='用途')),
                ('way', models.CharField(choices=[('wecom-mass', '企业微信群发'), ('wecom-moment', '企业微信朋友圈'), ('wecom-welcome', '企业微信欢迎语'), ('wecom-transfer', '企业微信转接'), ('wecom-group', '企业微信客户群'), ('link', '大C自己发的链接')], max_length=16, verbose_name='方式')),
                ('state', models.CharField(choices=[('held', '没有发'), ('allowed', '可以发'), ('sent', '已送达'), ('missed', '没有送到')], max_length=8, verbose_name='结果')),
                ('reason', models.CharField(blank=True, choices=[('erased', '已经要求删除资料'), ('ended', '已经不是好友'), ('not-friend', '还不是企业微信好友'), ('other-company', '是别家公司的企业微信'), ('never-asked', '还没有问过'), ('claim', '下单时勾过，还没确认是本人'), ('to-another', '只同意过原来服务她的人'), ('declined', '说过先不用'), ('withdrawn', '收回了同意'), ('asked-lately', '刚问过，等她回答'), ('quiet', '现在是休息时间')], default='', max_length=16, verbose_name='原因')),
                ('cause', models.CharField(max_length=20, verbose_name='来自')),
                ('cause_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('relation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='customers.relation')),
            ],
            options={
                'verbose_name': '触达',
                'verbose_name_plural': '触达',
                'indexes': [models.Index(fields=['relation', '-at'], name='touch_of_relation'), models.Index(fields=['cause', 'cause_id'], name='touch_of_cause')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'held'), _negated=True), ('reason', '')), _connector='OR'), name='touch_held_has_reason')],
            },
        ),
    ]
