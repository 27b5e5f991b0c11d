"""A certificate authority for one test, and a TLS server that wants to see a certificate of it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PLAIN = serialization.NoEncryption()


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key, each as PEM."""

    certificate: str
    key: str

    @property
    def pem(self) -> str:
        return self.certificate + self.key


class Authority:
    """Signs certificates that are valid for a day either side of `now`, unless told otherwise."""

    def __init__(self, now: datetime) -> None:
        self.now, self._key = now, ec.generate_private_key(ec.SECP256R1())
        self._own_name = name = _name(f"Authority {uuid4()}")
        anybody = x509.BasicConstraints(ca=True, path_length=None)
        own = self._sign(name, name, self._key, now + timedelta(days=1), anybody)
        self.pem = _pem(own)

    def issue(
        self,
        name: str,
        *,
        ends: datetime | None = None,
        begins: datetime | None = None,
        key: Key | None = None,
    ) -> Issued:
        key = key or ec.generate_private_key(ec.SECP256R1())
        until = ends or self.now + timedelta(days=1)
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        signed = self._sign(_name(name), self._own_name, key, until, here, begins)
        return Issued(_pem(signed), key_pem(key))

    def _sign(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: Key,
        ends: datetime,
        extension: x509.ExtensionType,
        begins: datetime | None = None,
    ) -> x509.Certificate:
        made = x509.CertificateBuilder(
            issuer, subject, key.public_key(), x509.random_serial_number()
        )
        begins = begins or min(self.now, ends) - timedelta(days=1)
        made = made.not_valid_before(begins).not_valid_after(ends)
        return made.add_extension(extension, critical=False).sign(self._key, hashes.SHA256())


def key_pem(key: Key, how: serialization.KeySerializationEncryption = PLAIN) -> str:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, how).decode()


class Answering(BaseHTTPRequestHandler):
    """No lists; it remembers who asked, by the name in their certificate."""

    seen: list[str]

    def do_GET(self) -> None:
        shown = self.connection.getpeercert()
        self.seen += [value for part in shown["subject"] for _, value in part]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        pass


class Demanding(ThreadingHTTPServer):
    """Says in full why it lets nobody in: it does not hang up before the other side has."""

    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        plain = request.dup()
        try:
            request = self.context.wrap_socket(request, server_side=True)
        except ssl.SSLError:
            with plain:
                while plain.recv(1024):
                    pass
            return
        plain.close()
        with request:
            super().finish_request(request, client_address)


@contextmanager
def demanding_server(
    authority: Authority, folder: Path, *, tls: ssl.TLSVersion
) -> Iterator[tuple[str, list[str]]]:
    """A server that lets in only who shows a certificate; yields its address and whom it saw."""
    own, trusted = folder / "server.pem", folder / "authority.pem"
    own.write_text(authority.issue("server").pem)
    trusted.write_text(authority.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
    context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, tls
    context.load_cert_chain(own)
    seen: list[str] = []
    handler = type("Handler", (Answering,), {"seen": seen})
    server = Demanding(("127.0.0.1", 0), handler)
    server.context = context
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
