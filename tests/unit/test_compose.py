"""The containers: the keys that their secrets are made of, and the witness among them that has nothing of ours."""

import shutil
import subprocess
from pathlib import Path

import yaml

from services.audit.tlog.notes import COSIGNATURE, ED25519, SigningKey
from services.audit.tlog.policies import Policy

ROOT = Path(__file__).parents[2]


def test_the_public_keys_that_are_made_for_containers_are_those_of_the_private_ones(tmp_path: Path) -> None:
    """`make-secrets` writes them with openssl alone: log-vkey and log-policy agree with the keys beside them."""
    shutil.copy(ROOT / "deploy/compose/make-secrets", tmp_path)
    for _ in range(2):  # what is there is kept
        subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
    secrets = tmp_path / "secrets"
    log = SigningKey.from_pem("countersign.local/log", ED25519, (secrets / "log-key.pem").read_bytes())
    pem = (tmp_path / "witness/witness-key.pem").read_bytes()
    witness = SigningKey.from_pem("countersign.local/witness", COSIGNATURE, pem)
    assert (secrets / "log-vkey").read_text() == str(log.verifier)
    policy = Policy.parse((secrets / "log-policy").read_bytes())
    assert ([one.key for one in policy.witnesses], policy.quorum) == ([witness.verifier], "witness")


def test_the_witness_in_containers_has_nothing_of_ours() -> None:
    """Its own key and our public one, its own volume, a network with the signer alone, no setting of the platform."""
    whole = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for name in ("witness", "witness-begin"):
        service = whole["services"][name]
        assert set(service.get("secrets", ())) <= {"witness-key.pem", "log-vkey"}
        assert service["networks"] == ["outside"]
        assert service["volumes"] == ["witness:/var/lib/countersign/witness"]
        assert "environment" not in service
    assert "secrets" not in whole["services"]["witness"]
    elsewhere = [service for name, service in whole["services"].items() if not name.startswith("witness")]
    for service in elsewhere:
        assert not any(str(volume).startswith("witness:") for volume in service.get("volumes", ()))
        assert "witness-key.pem" not in service.get("secrets", ())


def test_the_logs_key_is_the_signers_alone_and_so_is_writing_into_its_folder() -> None:
    """Nothing else that is exposed, or that writes the database, can sign; who reads the folder mounts it read-only."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert [name for name, service in services.items() if "log-key.pem" in service.get("secrets", ())] == ["signer"]
    mounts = {name: volume for name, service in services.items() for volume in service.get("volumes", ())}
    of_the_log = {name: volume for name, volume in mounts.items() if volume.startswith("log:")}
    assert {name for name, volume in of_the_log.items() if not volume.endswith(":ro")} == {"signer"}
    assert {"signer", "web-audit"} <= set(of_the_log)
    assert services["signer"]["networks"] == ["default", "outside"]
    assert services["signer"]["command"] == ["signer"]
