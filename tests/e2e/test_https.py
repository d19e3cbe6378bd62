"""Away from loopback: https or nothing, no demo accounts, and a browser that may use its ears."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import in_ci
from tests.e2e.browser import Desk, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PERSON, PASSWORD = "hanako", "correct horse battery"
CUSTOMER = Listed("遠方 一", "09006009520")
ELSEWHERE = "192.0.2.254"  # TEST-NET-1: nothing is sent there, the kernel only chooses a source
OWN = "10.99.0.1"


def _bindable(host: str) -> bool:
    try:
        with socket.socket() as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """An address of this machine that is not loopback; one is added for the tests if need be."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
            host = probe.getsockname()[0]
        except OSError:
            host = ""
    if host and not ipaddress.ip_address(host).is_loopback and _bindable(host):
        yield host
        return
    add = ["ip", "addr", "add", f"{OWN}/32", "dev", "lo"]
    if subprocess.run(add, capture_output=True, check=False).returncode != 0:
        message = "this machine has no address but loopback, and none can be added"
        pytest.fail(message) if in_ci() else pytest.skip(message)
    yield OWN
    subprocess.run(["ip", "addr", "del", f"{OWN}/32", "dev", "lo"], check=True)


@pytest.fixture(scope="module")
def certificate(address: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own making for the address, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "desk.pem", folder / "desk.key"
    cert_path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_path, key_path


@pytest.fixture(scope="module")
def product(
    address: str,
    certificate: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
    prepared: Product,
) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("https"))
    product.set_campaign(SALES, mode="progressive", screening="off")
    product.replace_lists(SALES, [CUSTOMER])
    product.run(
        *("create-user", PERSON, "--name", "遠山 花子", "--role", "operator"),
        *("--team", "営業チーム", "--password", PASSWORD),
    )
    product.listen(address, certificate=certificate)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_plain_http_off_loopback_is_refused_with_the_reason(
    address: str, prepared: Product, tmp_path: Path
) -> None:
    product = prepared.copy(tmp_path)
    product.listen(address)
    product.start("desk")
    assert product.processes.pop("desk").wait(timeout=120) == 1
    told = (tmp_path / "desk.log").read_text("utf-8")
    assert "DESK_HOST" in told and "plain http" in told and "DESK_TLS_CERT" in told
    assert "Traceback" not in told


def test_a_call_is_taken_over_https_and_nobody_knows_the_demo_password(
    address: str, product: Product, visit: Callable[..., Desk]
) -> None:
    assert address in product.url and product.url.startswith("https://")
    desk = visit(product, ignore_https_errors=True)
    desk.expect_problem("/login")  # Chromium reports the refused log-in as a failed request
    desk.page.goto(f"{product.url}/login")
    desk.page.fill("input[name=username]", "operator1")
    desk.page.fill("input[name=password]", "demo")
    desk.page.keyboard.press("Enter")
    desk.wait_shown("login-error")
    assert desk.page.url.endswith("/login")

    sockets: list[str] = []
    desk.page.on("websocket", lambda opened: sockets.append(opened.url))
    desk.sign_in(PERSON, PASSWORD)
    assert desk.page.evaluate("isSecureContext")
    desk.go_available()
    assert sockets and all(url.startswith(f"wss://{address}:") for url in sockets)
    desk.take_call(CUSTOMER.name)
    desk.wait_heard(520)
    desk.finish_call(away=True)

    cookies = {cookie["name"]: cookie for cookie in desk.page.context.cookies()}
    assert cookies["__Host-desk"]["secure"] and cookies["__Host-desk"]["httpOnly"]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"{product.url}/login", context=context) as answer:
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
    until(lambda: product.open_dialogs() == 0)
