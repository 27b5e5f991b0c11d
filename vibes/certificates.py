"""The client certificate some accounts show Vibes: one PEM text with the chain and its private key."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from urllib3.util.ssl_ import create_urllib3_context

KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL)


class Unusable(ValueError):
    """A certificate or key that cannot be used; the words say why."""


def complaint(pem: str, now: datetime) -> str:
    """What is wrong with a pasted PEM text, in plain words; empty when nothing is, or none is there."""
    if not pem:
        return ""
    try:
        chain, key = _chain(pem), _key(pem)
        _refuse_misfit(chain, key)
        _refuse_untimely(chain, now)
        context(pem)
    except Unusable as wrong:
        return str(wrong)
    return ""


def context(pem: str) -> ssl.SSLContext:
    """A TLS context that shows this certificate. Whom it trusts is for the caller. Raises Unusable."""
    made = create_urllib3_context()
    try:
        with _as_file(pem) as path:
            # Without a password of ours OpenSSL would ask for one on the terminal.
            made.load_cert_chain(path, password="")
    except ssl.SSLError as wrong:
        why = _("The certificate cannot be used for a connection (%(reason)s).")
        raise Unusable(why % {"reason": wrong.reason or _("no reason given")}) from None
    return made


def _chain(pem: str) -> list[x509.Certificate]:
    if "BEGIN CERTIFICATE-----" not in pem:
        raise Unusable(_("There is no certificate in it (from BEGIN CERTIFICATE to the END)."))
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise Unusable(_("The certificate is damaged: paste it again, whole.")) from None


def _key(pem: str) -> bytes:
    """The public half, as bytes that can be compared."""
    if not (found := KEY.search(pem)):
        raise Unusable(_("There is no private key in it (from BEGIN … PRIVATE KEY to the END)."))
    try:
        private = serialization.load_pem_private_key(found.group().encode(), password=None)
    except TypeError:
        raise Unusable(
            _("The private key is protected by a password: paste it without one.")
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable(_("The private key is damaged: paste it again, whole.")) from None
    return _plain(private.public_key())


def _refuse_misfit(chain: list[x509.Certificate], key: bytes) -> None:
    fits = [_plain(each.public_key()) == key for each in chain]
    if not any(fits):
        raise Unusable(_("The private key does not belong to the certificate."))
    if not fits[0]:
        raise Unusable(
            _(
                "The order is wrong: the certificate of the private key comes first, its issuers after."
            )
        )


def _refuse_untimely(chain: list[x509.Certificate], now: datetime) -> None:
    ends = min(each.not_valid_after_utc for each in chain)
    if ends <= now:
        raise Unusable(_("The certificate expired on %(date)s.") % {"date": date_format(ends)})
    begins = max(each.not_valid_before_utc for each in chain)
    if begins > now:
        raise Unusable(
            _("The certificate is not valid before %(date)s.") % {"date": date_format(begins)}
        )


def _plain(public: object) -> bytes:
    assert hasattr(public, "public_bytes")
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    written: bytes = public.public_bytes(serialization.Encoding.DER, kind)
    return written


@contextmanager
def _as_file(pem: str) -> Iterator[str]:
    """OpenSSL reads files only: one in memory that nobody else sees, or where there are none of
    those, one that is ours alone and gone at once."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("certificate"), "wb") as memory:
            memory.write(pem.encode())
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
    else:
        with NamedTemporaryFile() as file:
            file.write(pem.encode())
            file.flush()
            yield file.name
