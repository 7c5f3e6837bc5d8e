"""The certificate with which the register serves https where nobody has given one: self-signed, for one host.

Nobody vouches for it: a browser warns at the first visit, and whoever lets it in compares the SHA-256 fingerprint. It
is good for a year and made anew in its last thirty days, or when the host changes. Key and certificate stand in one
file that only its owner can read, so that they are replaced in one step.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from service.errors import SettingsError
from service.keys.masterkey import replace_secret

LIFE = timedelta(days=365)
"""Source: Apple, "About upcoming limits on trusted certificates": phones refuse more than 398 days."""
RENEWED = timedelta(days=30)
CLOCKS_DIFFER = timedelta(hours=1)


def keep_certificate(file: Path, host: str, *, now: datetime) -> bool:
    """See to it that `file` holds a certificate for `host` with thirty days to go; whether one was made."""
    if file.exists():
        try:
            certificate = read_certificate(file)
        except SettingsError:
            certificate = None  # half of an older one, or somebody's notes: a new one costs nothing
        if certificate is not None and _is_for(certificate, host) and certificate.not_valid_after_utc - now > RENEWED:
            return False
    replace_secret(file, make_certificate(host, now=now))
    return True


def make_certificate(host: str, *, now: datetime) -> str:
    """A new key and its certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PackTrail, self-signed")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode()


def read_certificate(file: Path) -> x509.Certificate:
    """The first certificate in a PEM file. Raises SettingsError."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        raise SettingsError(f"{file} holds no certificate in PEM that can be read") from None


def fingerprint(certificate: x509.Certificate) -> str:
    """Its SHA-256 as browsers show it: `AB:CD:...`."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def _is_for(certificate: x509.Certificate, host: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return list(names) == [_general_name(host)]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode("ascii"))
