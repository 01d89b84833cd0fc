"""The verifier, run as on the command line but in this process."""

from __future__ import annotations

import pytest

from services.audit.verifier.main import main
from tests.evidence_house import Verify


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the tool; return its exit code and all that it said."""

    def run(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return int(str(ended.value.code)), said.out + said.err

    return run
