"""Store credentials that come with an invitation, as backend Knative sends them."""

from __future__ import annotations

import json

import pytest

from excamera_proto.credentials import Authority, Identity
from excamera_worker.environment import child_environment
from excamera_worker.invitation import InvalidInvitation, Invitation
from excamera_worker.settings import Settings
from excamera_worker.worker import Worker

CREDENTIAL = Authority.create("test").issue(Identity.worker("j"))


def invitation(environment: object) -> str:
    tls = {
        "authority": CREDENTIAL.authority_pem.decode(),
        "certificate": CREDENTIAL.certificate_pem.decode(),
        "key": CREDENTIAL.key_pem.decode(),
    }
    values = {"coordinator": "c:1", "job": "j", "backend": "knative", "tls": tls}
    return json.dumps({**values, "environment": environment})


async def test_they_replace_the_workers_own_for_programs_and_for_transfers(tmp_path) -> None:
    own = {"AWS_PROFILE": "own", "AWS_REGION": "here", "LANG": "C"}
    invited = Invitation.parse(invitation({"AWS_ACCESS_KEY_ID": "a", "AWS_REGION": "there"}))
    worker = Worker(invited, Settings(environment=own))
    seen = child_environment(worker._settings.environment, "/bin", tmp_path)
    assert "AWS_PROFILE" not in seen
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_REGION"]) == ("a", "there")
    assert worker._s3 is not None
    assert worker._s3.region == "there"


async def test_without_them_nothing_changes() -> None:
    worker = Worker(Invitation.parse(invitation({})), Settings(environment={"AWS_REGION": "here"}))
    assert worker._settings.environment == {"AWS_REGION": "here"}
    assert worker._s3 is None


@pytest.mark.parametrize("environment", [{"PATH": "/evil"}, {"AWS_REGION": 1}, ["AWS_REGION"]])
def test_an_invitation_cannot_set_anything_else(environment: object) -> None:
    with pytest.raises(InvalidInvitation, match="environment"):
        Invitation.parse(invitation(environment))


def test_they_are_never_shown() -> None:
    invited = Invitation.parse(invitation({"AWS_SECRET_ACCESS_KEY": "secret-text"}))
    assert "secret-text" not in repr(invited)
