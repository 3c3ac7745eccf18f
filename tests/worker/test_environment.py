"""What programs see of the worker's environment."""

from __future__ import annotations

from pathlib import Path

from excamera_worker.environment import child_environment


def test_only_what_is_named_is_passed_on() -> None:
    own = {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_CA_BUNDLE": "/own-ca.pem",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "LANG": "de_DE.UTF-8",
        "LD_PRELOAD": "x",
        "PATH": "/own",
        "PYTHONPATH": "x",
        "SSL_CERT_FILE": "/ca.pem",
        "https_proxy": "http://proxy",
    }
    assert child_environment(own, "/search", Path("/scratch")) == {
        "AWS_CA_BUNDLE": "/own-ca.pem",
        "HOME": "/scratch",
        "LANG": "de_DE.UTF-8",
        "PATH": "/search",
        "SSL_CERT_FILE": "/ca.pem",
        "TMPDIR": "/scratch",
        "https_proxy": "http://proxy",
    }
