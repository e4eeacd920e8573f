"""The one settings file. The environment decides, a wrong value stops the start; `.env.example` lists all of it."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def switch(name: str, *, default: bool) -> bool:
    """A variable that is true or false; any other word stops the start instead of counting as false."""
    value: str = env.str(name, default="true" if default else "false").strip().lower()
    if not value:
        return default
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value == "true"


# ---- What kind of start this is
PRODUCTION = switch("CIVPLAN_PRODUCTION", default=False)
DEBUG = switch("CIVPLAN_DEBUG", default=False)
SECRET_KEY = env.str("CIVPLAN_SECRET_KEY", default="" if PRODUCTION else "for-one-machine-only-never-for-a-network")
ALLOWED_HOSTS = env.list("CIVPLAN_ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CIVPLAN_TRUSTED_ORIGINS", default=[])

if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("CIVPLAN_DEBUG must be false (or unset) when CIVPLAN_PRODUCTION is true.")
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("CIVPLAN_PRODUCTION needs CIVPLAN_SECRET_KEY: at least 50 random characters.")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("CIVPLAN_PRODUCTION needs CIVPLAN_ALLOWED_HOSTS: the host names, separated by commas.")

# ---- The house: each app may import only those above it (tests/test_house.py)
INSTALLED_APPS = [
    "accounts",
    "plans",
    "indicators",
    "projects",
    "reports",
    "dashboard",
    "accounts.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "import_export",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.screens.ScreenOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "civplan.urls"
WSGI_APPLICATION = "civplan.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "projects.context.portal",
            ],
        },
    }
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# ---- Database
(BASE_DIR / "var").mkdir(exist_ok=True)
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'civplan.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins, so that none fails halfway with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;",
    }
else:
    DATABASES["default"].update({"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- People
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# ---- Language and time: Beijing time everywhere a person sees it or a deadline counts
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# ---- E-mail: to the console unless EMAIL_URL names a server; a server that does not answer holds nobody up for long
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("CIVPLAN_MAIL_FROM", default="civplan@localhost")
ADDRESS = env.str("CIVPLAN_ADDRESS", default="http://127.0.0.1:8000").rstrip("/")

# ---- Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where it is missing; only production fills it
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "civplan.static_files.HashedFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# ---- Files that people upload: outside every folder that is served, under names the portal makes up
MEDIA_ROOT = Path(env.str("CIVPLAN_FILES", default="") or BASE_DIR / "var" / "files")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = [
    "accounts.uploads.CutOff",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ---- Background work: a table of the database is the queue, `manage.py db_worker` the worker
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
EXPORT_DAYS = env.int("CIVPLAN_EXPORT_DAYS", default=3)
if EXPORT_DAYS < 1:
    raise ImproperlyConfigured("CIVPLAN_EXPORT_DAYS must be a number of days, 1 or more.")

# ---- Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 12 * 60 * 60
SCREEN_SESSION_AGE = 30 * 24 * 60 * 60  # a screen on a wall has nobody to sign it in each morning
SECURE_SSL_REDIRECT = switch("CIVPLAN_HTTPS_REDIRECT", default=PRODUCTION)
SECURE_HSTS_SECONDS = env.int("CIVPLAN_HSTS_SECONDS", default=0)
BEHIND_PROXY = switch("CIVPLAN_BEHIND_PROXY", default=PRODUCTION)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---- API: requests a minute, counted in the database since processes share nothing else; 0 is no limit
API_PER_MINUTE = env.int("CIVPLAN_API_PER_MINUTE", default=1200)
API_REFUSALS_PER_MINUTE = env.int("CIVPLAN_API_REFUSALS_PER_MINUTE", default=300)
if min(API_PER_MINUTE, API_REFUSALS_PER_MINUTE) < 0:
    raise ImproperlyConfigured(
        "CIVPLAN_API_PER_MINUTE and CIVPLAN_API_REFUSALS_PER_MINUTE must be 0 (no limit) or more."
    )
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.PersonToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.screens.SignedInAndNoScreen"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttles.PerPerson"],
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,  # whose word on the caller's address is believed
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "accounts.api.refusal",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CivPlan API",
    "DESCRIPTION": (
        "民政规划监测平台数据接口。数值一律为字符串；未经审核的数据在 state 字段注明；演示数据在 is_demo 字段注明。"
        "清单默认为 JSON，分页；加 format=csv 为 CSV，一次取回全部行，最多1万行。每个回答带 ETag，"
        "下次放在 If-None-Match 里，没有变化时回答304。请求过于频繁时回答429，等 Retry-After 所写的秒数再试。"
        "令牌和示例见门户的“接口”页。"
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "accounts.description.complete"],
    "ENUM_NAME_OVERRIDES": {
        "ReviewStateEnum": "indicators.models.State",
        "VerdictEnum": "indicators.api.fields.VERDICTS",
        "WorkStateEnum": "projects.models.WorkState",
    },
}

# ---- Back office
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
