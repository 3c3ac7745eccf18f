"""How a job reaches the object store: with this process's own rights, or with the job's.

In a cluster each job may name credentials of its own. They are used for that job's objects, handed
to the programs that are run for it beside this process, and never become this process's
environment. Workers get neither: they have leave for single objects, signed with these rights.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from excamera_store import S3Settings, Signer, Store, open_store, split_url

PREFIX = "AWS_"
CA_BUNDLE = "AWS_CA_BUNDLE"
"""The only one of them that says nothing of rights."""


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """`variables` are the job's, as boto3 names them (AWS_ACCESS_KEY_ID …); none: the process's.

    With variables, nothing of the process's own AWS_* holds: a job must not get by with the
    operator's rights because its own are incomplete.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def split(self, url: str) -> tuple[Store, str]:
        """See `excamera_store.split_url`."""
        return split_url(url, self._s3)

    def open(self, url: str) -> Store:
        """See `excamera_store.open_store`."""
        return open_store(url, self._s3)

    def read(self, url: str, most: int) -> bytes:
        """The whole object at `url`, which a worker may have put there: ObjectTooLarge, a
        StoreError, if it has more than `most` bytes."""
        store, key = self.split(url)
        return store.read(key, most)

    def signer(self) -> Signer:
        """Makes leave for workers with these rights."""
        return Signer(self._s3)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are run beside this process."""
        if not self.variables:
            return dict(os.environ)
        own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return own | dict(self.variables)

    @property
    def _s3(self) -> S3Settings | None:
        return S3Settings.of_variables(self.variables) if self.variables else None


def without_rights(environment: Mapping[str, str]) -> dict[str, str]:
    """What workers on this machine may see of this process's environment."""
    return {
        name: value
        for name, value in environment.items()
        if name == CA_BUNDLE or not name.startswith(PREFIX)
    }
