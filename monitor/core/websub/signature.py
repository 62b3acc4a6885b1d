"""Whether a hub's message is signed with the secret it was given (WebSub, section 8)."""

from __future__ import annotations

import hmac
import re

METHODS = ("sha1", "sha256", "sha384", "sha512")
"""All that the recommendation knows; which one is the hub's choice."""

_HEADER = re.compile(rf"\s*({'|'.join(METHODS)})\s*=\s*([0-9a-f]{{40,128}})\s*", re.IGNORECASE)


class SignatureCheck:
    """Checks one body as it comes in, without ever holding it."""

    def __init__(self, header: str | None, *, secret: str) -> None:
        """`header` is the value of X-Hub-Signature, None when there is none."""
        match = _HEADER.fullmatch(header or "")
        self._given = match[2].lower() if match else ""
        self._made = hmac.new(secret.encode(), digestmod=match[1].lower() if match else "sha256")

    def feed(self, piece: bytes) -> None:
        self._made.update(piece)

    @property
    def holds(self) -> bool:
        """Whether what was fed so far has the signature; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(self._made.hexdigest(), self._given)
