"""The entry of the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils.module_loading import import_string

from billing_platform.chunked import keep_chunked_bodies
from billing_platform.encoding import refuse_encodings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_platform.settings")
application = keep_chunked_bodies(refuse_encodings(get_wsgi_application()))
import_string("foundation.roles.refuse_open_walls")()
connection.close()
