"""Names that others choose: keys and URLs of objects, scratch files, jobs, identities, mailboxes.
What is accepted stays in its folder and on its line."""

from __future__ import annotations

import os.path
from contextlib import suppress

from excamera_proto.identity import Identity, IdentityError, validate_job
from excamera_rendezvous.address import Address
from excamera_rendezvous.errors import Malformed
from excamera_store import InvalidName, StoreError, split_url
from excamera_store.names import check_folder, check_key
from excamera_worker.failures import CommandFailed
from excamera_worker.journal import Attempt
from excamera_worker.scratch import check_name, folder_name

ROOT = "/store/root"


def _inside(name: str) -> bool:
    path = os.path.normpath(os.path.join(ROOT, name))
    return path.startswith(ROOT + "/") and "\0" not in name and "\n" not in name


def _store(text: str) -> None:
    with suppress(InvalidName):
        assert _inside(check_key(text))
        assert _inside(check_folder(text))
    try:
        store, key = split_url(text)
    except StoreError:
        return
    assert _inside(key)
    assert split_url(store.url_of(key))[1] == key


def _scratch(text: str) -> None:
    folder = folder_name(Attempt(text, 1))
    assert check_name(folder) == folder
    assert "/" not in folder
    with suppress(CommandFailed):
        assert _inside(check_name(text))


def _identity(text: str) -> None:
    with suppress(IdentityError):
        assert Identity.parse(text).uri == text
    try:
        job = validate_job(text)
    except IdentityError:
        return
    assert _inside(job)
    assert Identity.parse(Identity.worker(job).uri).job == job


def _mailbox(text: str) -> None:
    try:
        address = Address.checked("job", text, text)
    except Malformed as error:
        assert "\n" not in str(error)
        return
    assert "\n" not in str(address)


def one(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    _store(text)
    _scratch(data.decode("utf-8", "replace"))
    _identity(text)
    _mailbox(text)
