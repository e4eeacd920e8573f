import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_tokens_people_make_and_requests_counted'),
        ('reports', '0003_plan_drafts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('monitoring', '年度监测报告'), ('midterm', '中期评估报告'), ('final', '总结评估报告')], max_length=10, verbose_name='报告种类')),
                ('version', models.PositiveIntegerField(verbose_name='版本')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('content', models.BinaryField(verbose_name='文件')),
                ('installed_at', models.DateTimeField(verbose_name='安装时间')),
                ('is_in_use', models.BooleanField(default=True, verbose_name='使用中')),
                ('installed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='安装人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_templates', to='accounts.region', verbose_name='行政区划')),
            ],
            options={
                'verbose_name': '报告模板',
                'verbose_name_plural': '报告模板',
                'ordering': ('region__code', 'kind', '-version'),
                'constraints': [models.UniqueConstraint(fields=('region', 'kind', 'version'), name='report_template_version_is_unique', violation_error_message='这种报告的模板已有此版本。'), models.UniqueConstraint(condition=models.Q(('is_in_use', True)), fields=('region', 'kind'), name='one_report_template_is_in_use_per_kind', violation_error_message='每种报告只能使用一个模板。'), models.CheckConstraint(condition=models.Q(('kind__in', ['monitoring', 'midterm', 'final'])), name='report_template_kind_is_known', violation_error_message='没有这种报告。')],
            },
        ),
    ]
