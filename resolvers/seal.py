"""Node ids and cursors: opaque, authenticated, pairwise per audience."""

import binascii
import hmac
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_IN_A_URL, _FROM_A_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_BLOCK = 32
"""Plaintexts are padded to whole blocks, so that an id's length tells nothing of the key in it."""


class Unsealed(Exception):
    """The text is none of ours, or was made for another audience."""


@dataclass(frozen=True, slots=True)
class Seal:
    """AES-SIV under keys derived per use; the first key makes, all are read (`SEKISHO_ID_KEYS`)."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, use: str, audience: str, text: str) -> str:
        """Deterministic: the same text for the same audience always gives the same token."""
        return _encode(_cipher(self.keys[0], use).encrypt(_pad(text), [audience.encode()]))

    def open(self, use: str, audience: str, token: str) -> str:
        """Raise Unsealed for whatever this audience was never given."""
        sealed = _decode(token)
        for key in self.keys:
            try:
                return _unpad(_cipher(key, use).decrypt(sealed, [audience.encode()]))
            except InvalidTag:
                continue
        raise Unsealed

    def digest(self, use: str, text: str) -> str:
        """A keyed hash, so that nobody can try what the text was.

        By the oldest key: a new one in front changes no digest that is kept.
        """
        key = HKDF(SHA256(), 32, salt=None, info=f"sekisho:digest:{use}".encode())
        return hmac.digest(key.derive(self.keys[-1]), text.encode(), "sha256").hex()

    def uuid(self, audience: str, *said: str) -> str:
        """A UUID of version 4 by its looks: always the same for this, and nothing can be read off.

        By the oldest key, so that a new one in front changes no number that somebody keeps.
        """
        text = "\0".join((audience, *said))
        return str(UUID(hex=self.digest("uuid", text)[:32], version=4))

    def node_id(self, audience: str, kind: str, *key: str) -> str:
        """The id under which this audience knows one object of this kind."""
        return self.make("node", audience, "\0".join((kind, *key)))

    def node_ids(self, audience: str, kind: str) -> Callable[[str], str]:
        """What gives the ids of many objects of one kind, as `node_id` does."""
        seal, said, start = _cipher(self.keys[0], "node").encrypt, [audience.encode()], f"{kind}\0"

        def node_id(key: str) -> str:
            return _encode(seal(_pad(start + key), said))

        return node_id

    def open_node_id(self, audience: str, token: str) -> Sequence[str]:
        """Give (kind, *key) back. Raises Unsealed."""
        return self.open("node", audience, token).split("\0")


@lru_cache(maxsize=64)
def _cipher(key: bytes, use: str) -> AESSIV:
    return AESSIV(HKDF(SHA256(), 64, salt=None, info=f"sekisho:{use}".encode()).derive(key))


def _pad(text: str) -> bytes:
    data = text.encode() + b"\x80"
    return data + b"\0" * (-len(data) % _BLOCK)


def _unpad(data: bytes) -> str:
    return data.rstrip(b"\0")[:-1].decode()


def _encode(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_IN_A_URL, b"=").decode()


def _decode(token: str) -> bytes:
    try:
        data = a2b_base64(token.encode().translate(_FROM_A_URL) + b"==")
    except (binascii.Error, UnicodeEncodeError) as fault:
        raise Unsealed from fault
    # INVARIANT: one token has one spelling; a variant of it is none of ours.
    if _encode(data) != token or len(data) < _BLOCK:
        raise Unsealed
    return data
