"""The WSGI application of the witness in COUNTERSIGN_WITNESS_FOLDER, for a server to serve."""

import os
from pathlib import Path

from services.audit.witness.api import create_app
from services.audit.witness.folder import there

app = create_app(there(Path(os.environ["COUNTERSIGN_WITNESS_FOLDER"])))
