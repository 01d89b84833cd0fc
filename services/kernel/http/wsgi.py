"""The WSGI application: `granian --interface wsgi services.kernel.http.wsgi:app`.

COUNTERSIGN_WEB_SERVICES names the services it serves, parted by commas; all of them where it is not set.
"""

from services import SERVICES
from services.kernel import config, telemetry
from services.kernel.http.application import create_app
from services.kernel.processes import die_with_parent

die_with_parent()
telemetry.setup("web")
app = create_app(config.env().list("WEB_SERVICES", list(SERVICES)))
