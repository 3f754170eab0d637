"""The box's own certificate, for HTTPS on the LAN: made once, self-signed, kept in DATA/web (0600).

A browser asks once whether to trust it; it names the machine and its addresses, so that the answer holds.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BACKDATED = dt.timedelta(days=366)
"""A box without a clock chip may make it while its clock is ahead of the visitor's."""
VALID = dt.timedelta(days=825) - BACKDATED
"""825 days in all is the longest life of a server certificate that browsers accept."""
RENEW_BEFORE = dt.timedelta(days=30)


def own_certificate(folder: Path, host: str, now: dt.datetime) -> tuple[Path, Path]:
    """-> (certificate, private key) as PEM files, made anew when missing, nearly expired or not naming `host`."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and _still_good(certificate, host, now)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(certificate, key, host, now)
    return certificate, key


def _still_good(path: Path, host: str, now: dt.datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return found.not_valid_after_utc - RENEW_BEFORE > now and all(name in names for name in _names(host))


def _make(certificate: Path, key: Path, host: str, now: dt.datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TongDai Box {socket.gethostname()}"[:64])])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    _write(certificate, built.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> list[x509.GeneralName]:
    hostname = socket.gethostname()
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (hostname, f"{hostname}.local", "localhost")]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [*names, x509.DNSName(host)]
    return names if address.is_unspecified else [*names, x509.IPAddress(address)]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others."""
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
