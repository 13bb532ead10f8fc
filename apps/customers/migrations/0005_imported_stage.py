from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_hand_over'),
    ]

    operations = [
        # Its default had made "new" of whatever no source had said.
        migrations.RemoveField('relation', 'stage'),
        migrations.AddField(
            model_name='relation',
            name='imported_stage',
            field=models.CharField(blank=True, choices=[('new', '新客'), ('growing', '成长'), ('mature', '熟客'), ('sleeping', '沉睡'), ('lost', '流失')], db_default='', default='', max_length=10, verbose_name='来源里写的阶段'),
        ),
    ]
