"""The certificate our side shows: what is wrong with one, and that Vibes gets to see it."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pytest_django import Settings

from tests.vibes import make
from tests.vibes.authority import Authority, Issued, demanding_server, key_pem
from vibes.certificates import complaint
from vibes.client import Client, LoginRefused, NotTrusted, VibesError

DAY = timedelta(days=1)


@pytest.fixture
def authority(now: datetime) -> Authority:
    return Authority(now)


@pytest.fixture
def ours(authority: Authority) -> Issued:
    return authority.issue("Ringdove")


# --- What is wrong with it ------------------------------------------------------------------------


def test_takes_a_certificate_with_its_key_in_any_order(
    authority: Authority, ours: Issued, now: datetime
) -> None:
    for good in (ours.pem, ours.key + ours.certificate, ours.pem + authority.pem, ""):
        assert complaint(good, now) == ""


def test_takes_an_rsa_key_as_openssl_used_to_write_it(authority: Authority, now: datetime) -> None:
    key = rsa.generate_private_key(65537, 2048)
    old = serialization.PrivateFormat.TraditionalOpenSSL

    issued = authority.issue("Ringdove", key=key)
    written = key.private_bytes(serialization.Encoding.PEM, old, serialization.NoEncryption())

    assert b"BEGIN RSA PRIVATE KEY" in written
    assert complaint(issued.certificate + written.decode(), now) == ""


def test_says_what_is_missing(ours: Issued, now: datetime) -> None:
    assert "no certificate" in complaint(ours.key, now)
    assert "no private key" in complaint(ours.certificate, now)
    assert "no certificate" in complaint("something else", now)


def test_says_what_is_damaged(ours: Issued, now: datetime) -> None:
    broken = ours.certificate.replace("\nMI", "\nXX")

    assert "certificate is damaged" in complaint(broken + ours.key, now)
    assert "key is damaged" in complaint(ours.certificate + ours.key.replace("\nMI", "\nXX"), now)


def test_says_that_the_key_is_anothers(authority: Authority, ours: Issued, now: datetime) -> None:
    other = authority.issue("Somebody else")

    assert "does not belong" in complaint(ours.certificate + other.key, now)
    assert "order" in complaint(authority.pem + ours.pem, now)


def test_says_that_the_key_asks_for_a_password(ours: Issued, now: datetime) -> None:
    locked = key_pem(
        ec.generate_private_key(ec.SECP256R1()), serialization.BestAvailableEncryption(b"secret")
    )

    assert "password" in complaint(ours.certificate + locked, now)


@pytest.mark.parametrize(("days", "words"), [(-1, "expired"), (0, "expired")])
def test_says_that_it_is_over(authority: Authority, now: datetime, days: int, words: str) -> None:
    assert words in complaint(authority.issue("Ringdove", ends=now + days * DAY).pem, now)


def test_says_that_it_has_not_begun(authority: Authority, now: datetime) -> None:
    early = authority.issue("Ringdove", begins=now + DAY / 2)

    assert "before June 2, 2026" in complaint(early.pem, now)


def test_says_that_openssl_finds_it_too_weak(authority: Authority, now: datetime) -> None:
    weak = authority.issue("Ringdove", key=rsa.generate_private_key(65537, 1024))  # noqa: S505

    assert "EE_KEY_TOO_SMALL" in complaint(weak.pem, now)


# --- That Vibes sees it ----------------------------------------------------------------------------

VERSIONS = pytest.mark.parametrize("tls", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@pytest.fixture
def today() -> Authority:
    """One that TLS itself believes, which reads the real clock."""
    return Authority(datetime.now(UTC))


def ask(url: str, certificate: str) -> None:
    with Client(make.account(base_url=url, client_certificate=certificate)) as client:
        client.lists()


@VERSIONS
def test_shows_its_certificate(
    db: None, today: Authority, settings: Settings, tmp_path: Path, tls: ssl.TLSVersion
) -> None:
    settings.VIBES_CA_BUNDLE = str(tmp_path / "authority.pem")
    with demanding_server(today, tmp_path, tls=tls) as (url, seen):
        ask(url, today.issue("Ringdove").pem)

    assert seen == ["Ringdove"]


@VERSIONS
@pytest.mark.parametrize("shown", ["none", "another's"])
def test_says_that_its_certificate_is_not_taken(
    db: None,
    today: Authority,
    settings: Settings,
    tmp_path: Path,
    tls: ssl.TLSVersion,
    shown: str,
) -> None:
    settings.VIBES_CA_BUNDLE = str(tmp_path / "authority.pem")
    foreign = Authority(today.now).issue("Ringdove").pem if shown == "another's" else ""
    server = demanding_server(today, tmp_path, tls=tls)
    with server as (url, seen), pytest.raises(LoginRefused, match="certificate"):
        ask(url, foreign)

    assert seen == []


def test_checks_the_server_all_the_same(db: None, today: Authority, tmp_path: Path) -> None:
    server = demanding_server(today, tmp_path, tls=ssl.TLSVersion.TLSv1_3)
    with server as (url, seen), pytest.raises(NotTrusted, match="self-signed certificate"):
        ask(url, today.issue("Ringdove").pem)

    assert seen == []


def test_leaves_no_file_behind(
    today: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert complaint(today.issue("Ringdove").pem, today.now) == ""

    assert list(tmp_path.iterdir()) == []


def test_makes_no_call_with_a_certificate_that_cannot_be_used(db: None) -> None:
    with pytest.raises(VibesError, match="certificate"):
        ask("https://127.0.0.1:1", "no certificate at all")
