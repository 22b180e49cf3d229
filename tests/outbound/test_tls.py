"""A certificate nobody we trust has signed opens no door."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coach.outbound import Outbound, Unreachable, deadline, door
from tests.outbound.server import plainly, serving


@pytest.fixture
def forged(tmp_path: Path) -> Path:
    """Make a certificate that names the right host and is signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "forged.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_forged_certificate_is_refused_before_anything_is_said(
    forged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(forged))  # nor may the environment vouch for it
    monkeypatch.setattr(deadline, "certificates", deadline.certificates.__wrapped__)  # read now
    monkeypatch.setattr(door, "_client_of", door._client_of.__wrapped__)  # noqa: SLF001  # made now
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(forged)
    with serving(plainly(b"HTTP/1.1 204 No Content\r\n\r\n"), tls=tls) as server:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED") as failure:
            Outbound([server.url]).request("GET", server.url)
        assert failure.value.sent is False
        assert server.heard == []
