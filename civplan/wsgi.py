"""The web process: `gunicorn civplan.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civplan.settings")
application = get_wsgi_application()
