"""Where workers come from; see `mu.backend` for the protocol."""

from mu.backends.local import LocalBackend

__all__ = ["LocalBackend"]
