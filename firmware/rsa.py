"""RSA-2048 signatures, PKCS#1 v1.5 with SHA-256 (RFC 8017 §8.2.2), verified in small steps.

`pow(s, 65537, n)` is 16 squarings and a multiplication: `steps` yields after each, so that the supervisor stays alive
meanwhile. Its time on the RP2040: not proven on hardware. The whole padded block is compared, so nothing of it is
parsed and no forged padding can hide in it.
"""

from firmware.compat import const

KEY_BYTES = const(256)
_DIGEST_INFO = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
"""ASN.1 of a SHA-256 digest (RFC 8017 §9.2, note 1)."""


def padded(digest: bytes) -> bytes:
    """The block that a signature of this SHA-256 digest must give."""
    tail = b"\x00" + _DIGEST_INFO + digest
    return b"\x00\x01" + b"\xff" * (KEY_BYTES - 2 - len(tail)) + tail


class Verification:
    """Call `step` until it returns True; then `good` says."""

    def __init__(self, modulus: bytes, signature: bytes, digest: bytes) -> None:
        self.good = False
        self._modulus = int.from_bytes(modulus, "big")
        self._signature = int.from_bytes(signature, "big")
        self._power = self._signature
        self._squarings = 16
        self._digest = digest
        self._hopeless = len(modulus) != KEY_BYTES or len(signature) != KEY_BYTES or self._signature >= self._modulus

    def step(self) -> bool:
        """True when done."""
        if self._hopeless:
            return True
        if self._squarings:
            self._squarings -= 1
            self._power = self._power * self._power % self._modulus
            return False
        block = self._power * self._signature % self._modulus
        self.good = block.to_bytes(KEY_BYTES, "big") == padded(self._digest)
        return True


def verify(modulus: bytes, signature: bytes, digest: bytes) -> bool:
    """All at once."""
    verification = Verification(modulus, signature, digest)
    while not verification.step():
        pass
    return verification.good
