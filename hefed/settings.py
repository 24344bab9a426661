"""Settings of the server. Everything that differs between places comes from the environment; see .env.example."""

import os
from pathlib import Path
from typing import Any

import dj_database_url

from hefed.environment import flag, number, secret, words

BASE_DIR = Path(__file__).resolve().parent.parent
HEFED_DATA_DIR = Path(os.environ.get("HEFED_DATA_DIR", str(BASE_DIR / "var"))).resolve()
HEFED_UPLOAD_DIR = HEFED_DATA_DIR / "uploads"
HEFED_DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

SECRET_KEY = secret("HEFED_SECRET_KEY")
DEBUG = flag("HEFED_DEBUG")
ALLOWED_HOSTS = words("HEFED_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("HEFED_TRUSTED_ORIGINS")

# ---- limits ----------------------------------------------------------------------------------------------------------
HEFED_MAX_BLOCK_BYTES = number("HEFED_MAX_BLOCK_BYTES", 192 * 1024**2)
HEFED_MAX_KEY_BYTES = number("HEFED_MAX_KEY_BYTES", 128 * 1024**2)
HEFED_MAX_ANSWER_BYTES = number("HEFED_MAX_ANSWER_BYTES", 512 * 1024**2)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2  # a custodian's report with previews for a dozen readers
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "hefed.upload_handlers.RemovedWhenUnwritable",
]
HEFED_MAX_BATCH_BLOCKS = number("HEFED_MAX_BATCH_BLOCKS", 2_000)
HEFED_HOT_BLOCK_BYTES = number("HEFED_HOT_BLOCK_BYTES", 1_600 * 1024**2)  # per worker process
HEFED_WORKER_MEMORY_BYTES = number("HEFED_WORKER_MEMORY_BYTES", 4 * 1024**3)  # limit of one process
HEFED_WORKERS = number("HEFED_WORKERS", 2)  # processes that a round is cut for
HEFED_LEASE_SECONDS = number("HEFED_LEASE_SECONDS", 60)
HEFED_SWEEP_SECONDS = number("HEFED_SWEEP_SECONDS", 10)

# ---- Django ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "ninja",
    "hospitals",
    "training",
    "hefed.front",
    "hefed.rehearsal",
]
MIDDLEWARE = [
    "hefed.middleware.ApiErrors",
    "django.middleware.security.SecurityMiddleware",
    "hefed.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hospitals.people.entry.RequireSecondFactor",
    "hefed.middleware.ErrorPages",
]
ROOT_URLCONF = "hefed.urls"
WSGI_APPLICATION = "hefed.wsgi.application"
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
            ]
        },
    }
]

# ---- database: SQLite in WAL mode, or PostgreSQL by DATABASE_URL -----------------------------------------------------
_DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{HEFED_DATA_DIR / 'hefed.sqlite3'}"
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(_DATABASE_URL, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads first and writes later would else fail at once ("database is locked").
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- broker, and what several web processes count together -----------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0"

# ---- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "hospitals.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "hospitals.people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]  # by invitation only: the adapter
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "HEFed: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if flag("HEFED_HTTPS") else "http"
ACCOUNT_RATE_LIMITS = {  # key: one account from one address (sign-in), one mail address (the others)
    "login_failed": "20/m/ip,100/h/ip,5/300s/key",
    "register": "5/h/ip,20/d/ip,3/d/key",
    "invite": "30/h/user,5/d/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = number("HEFED_PROXIES", 0)  # how many of X-Forwarded-For's last addresses are ours
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "HEFed"
MFA_TOTP_TOLERANCE = 1  # clocks differ; one step of 30 s
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not flag("HEFED_HTTPS")  # browsers allow http on localhost only
HEFED_REQUIRE_MFA = flag("HEFED_REQUIRE_MFA", True)
SESSION_COOKIE_AGE = 12 * 3600
EMAIL_BACKEND = os.environ.get("HEFED_EMAIL_BACKEND") or "django.core.mail.backends.console.EmailBackend"
EMAIL_HOST = os.environ.get("HEFED_EMAIL_HOST", "localhost")
EMAIL_PORT = number("HEFED_EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("HEFED_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = secret("HEFED_EMAIL_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = flag("HEFED_EMAIL_TLS")  # STARTTLS
DEFAULT_FROM_EMAIL = os.environ.get("HEFED_EMAIL_FROM", "HEFed <hefed@localhost>")
# Rate limits are counted here: per process, or together when several web processes serve.
_REDIS_CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
_MEMORY_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {"default": _REDIS_CACHE if flag("HEFED_SHARED_CACHE") else _MEMORY_CACHE}

# ---- transport and cookies -------------------------------------------------------------------------------------------
HEFED_HTTPS = flag("HEFED_HTTPS")
HEFED_PUBLIC_URL = os.environ.get("HEFED_PUBLIC_URL", "http://localhost:8000").rstrip("/")  # what mails link to
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HEFED_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HEFED_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HEFED_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("HEFED_BEHIND_PROXY") else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HEFED_CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_OWN_SCRIPTS = {"default-src": "'none'", "script-src": "'self'"}
HEFED_WORKER_POLICIES = {  # stricter than a page's; WebAssembly runs in one of them and nowhere else
    "encryptor/table_worker.js": {**_OWN_SCRIPTS, "connect-src": "'none'"},
    "encryptor/sender_worker.js": {**_OWN_SCRIPTS, "connect-src": "'self'"},
    "encryptor/cipher_worker.js": {**_OWN_SCRIPTS, "script-src": "'self' 'wasm-unsafe-eval'", "connect-src": "'self'"},
}

# ---- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = HEFED_DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns about a missing one
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
_FILE_SYSTEM = {
    "BACKEND": "hospitals.blobs.storage.DurableStorage",
    "OPTIONS": {
        "location": HEFED_DATA_DIR / "blobs",
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": os.environ.get("HEFED_S3_BUCKET", ""),
        "endpoint_url": os.environ.get("HEFED_S3_ENDPOINT") or None,  # None: Amazon's
        "region_name": os.environ.get("HEFED_S3_REGION") or None,
        "file_overwrite": True,
        "querystring_auth": True,
    },
}
STORAGES: dict[str, Any] = {
    "default": _S3 if os.environ.get("HEFED_S3_BUCKET") else _FILE_SYSTEM,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# ---- languages, time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HEFED_HTTPS
USE_TZ = True
TIME_ZONE = os.environ.get("HEFED_TIME_ZONE", "UTC")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HEFED_LOG_LEVEL", "INFO")},
}
