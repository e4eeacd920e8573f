from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"
    verbose_name = "人员与权限"


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site: titles, and access by role instead of by the staff flag."""

    default = False
    default_site = "accounts.admin_site.Site"
