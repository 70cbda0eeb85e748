"""The seam to a provider: request bodies in, raw replies out, whatever carries them."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """Carries chat-completion requests to a provider. Nothing is opened before it is needed.

    All that can go wrong is raised as a ``TransientError``, a ``RefusedError`` or a
    ``ServiceError``; a key that is missing as a ``UsageError``.
    """

    async def send(self, body: bytes, label: str) -> bytes:
        """The provider's completion to ``body``, as JSON, unread.

        ``label`` names the request for people and recordings; it changes no reply.
        """

    async def check(self) -> None:
        """Return if the provider is there and takes the key, found out for nothing."""

    async def close(self) -> None:
        """Let go of connections."""
