"""Bield as it is put to work: production mode on PostgreSQL, behind nginx, which ends TLS on this machine."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from tests.conftest import needs

ROOT = Path(__file__).parents[2]
BIELD = str(Path(sys.executable).with_name("bield"))
HOST = "localhost"
PASSWORD = "three calm otters at dawn"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""
PEOPLE = f"""
from allauth.mfa.totp.internal.auth import TOTP
from tests.world import make
world = make()
for user in world.cast.values():
    user.set_password({PASSWORD!r})
    user.save()
    TOTP.activate(user, {TOTP!r})
"""


@dataclass(frozen=True, slots=True)
class Production:
    """An installation: its environment, and what is needed to reach it."""

    environment: dict[str, str]
    folder: Path
    port: int
    behind: int

    @contextmanager
    def serving(self, *, at: datetime | None = None, pace: float = 1) -> Iterator[Callable[[], datetime]]:
        """The server and the proxy run; gives what the server's clock says while its pace is 1.

        at: where that clock stands; None is now. pace: how fast it goes, so that a slow machine changes nothing.
        """
        ahead = round((at - datetime.now(UTC)).total_seconds()) if at else 0
        clock = f"{ahead:+d}s" + (f" x{pace}" if pace != 1 else "")
        command = ["faketime", "-f", clock, BIELD, "serve", "--port", str(self.behind), "--workers", "2"]
        environment = self.environment | {"TZ": "UTC"}
        with (self.folder / "server.log").open("a") as log:
            # Each in a session of its own: faketime leaves its child behind when it is told to end alone.
            server = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            proxy = subprocess.Popen(
                ["nginx", "-c", str(self.folder / "nginx.conf")], stderr=log, start_new_session=True
            )
            try:
                self._wait()
                yield lambda: datetime.now(UTC) + timedelta(seconds=ahead)
            finally:
                for process in (proxy, server):
                    os.killpg(process.pid, signal.SIGTERM)
                    process.wait(30)

    def visitor(self, source: str) -> Visitor:
        """Somebody whose machine has this address, as the proxy sees it."""
        return Visitor(f"https://{HOST}:{self.port}", source, str(self.folder / "cert.pem"))

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "server.log").read_text()

    def _wait(self) -> None:
        context = ssl.create_default_context(cafile=self.folder / "cert.pem")
        for _attempt in range(300):
            try:
                with urllib.request.urlopen(f"https://{HOST}:{self.port}/health/", context=context, timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server does not answer: " + self.log()[-2000:])


class From(HTTPAdapter):
    """Sends from one of this machine's own addresses."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Every connection begins at the address."""
        super().init_poolmanager(*args, source_address=(self.source, 0), **kwargs)


class Visitor:
    """A browser without a screen. source: the address of its machine."""

    def __init__(self, base: str, source: str, certificate: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False  # a certificate named in the environment would stand before ours
        self.session.verify = certificate
        self.session.mount("https://", From(source))

    def get(self, address: str, **headers: str) -> requests.Response:
        """A page, wherever it leads."""
        return self.session.get(self.base + address, headers=headers, timeout=20)

    def send(self, address: str, values: dict[str, Any], **headers: str) -> requests.Response:
        """Fill in the form that an address shows, with its hidden fields, and send it."""
        page = self.get(address)
        values = hidden(page.text) | values
        headers |= {"Referer": page.url}
        return self.session.post(self.base + address, data=values, headers=headers, timeout=20)

    def sign_in(self, email: str, password: str = PASSWORD, **headers: str) -> requests.Response:
        """The first step of signing in."""
        return self.send("/accounts/login/", {"login": email, "password": password}, **headers)

    def second_factor(self, at: datetime) -> requests.Response:
        """The second step, with the code of that moment."""
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

        code = format_hotp_value(hotp_value(TOTP, int(at.timestamp()) // 30))
        return self.send("/accounts/2fa/authenticate/", {"code": code})


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the main form of a page."""
    form = page[page.index("<main") :]
    fields = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
    found = [(re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)) for field in fields]
    return {name[1]: unescape(value[1]) if value else "" for name, value in found if name}


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """An installation of its own, with people in it who can sign in."""
    needs("nginx", "nginx-light", there=shutil.which("nginx") is not None)
    needs("faketime", "faketime", there=shutil.which("faketime") is not None)
    folder = tmp_path_factory.mktemp("production")
    with _database() as address:
        environment = _environment(address)
        for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]):
            _run([sys.executable, "manage.py", *command], environment)
        _run([sys.executable, "manage.py", "shell", "-v0", "-c", PEOPLE], environment | {"PYTHONPATH": str(ROOT)})
        port, behind = _free_port(), _free_port()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, behind=behind))
        _certificate(folder)
        yield Production(environment, folder, port, behind)


@contextmanager
def _database() -> Iterator[str]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        pytest.fail("production needs PostgreSQL: say where it is in DATABASE_URL, as `make test-postgres` does")
    name = f"bield_production_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _environment(database: str) -> dict[str, str]:
    return os.environ | {
        "BIELD_ENV": "production",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": HOST,
        "HSTS_SECONDS": "31536000",
        "DATABASE_URL": database,
        "IDENTITY_KEYS": Fernet.generate_key().decode(),
        "INDEX_KEYS": secrets.token_hex(32),
        "EMAIL_HOST": "localhost",
        "EMAIL_FROM": "bield@localhost",
        "BEHIND_PROXY": "yes",
        "PROXY_COUNT": "1",
    }


def _run(command: list[str], environment: dict[str, str]) -> None:
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _certificate(folder: Path) -> None:
    """A certificate for this machine, and its key, in a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)


Visit = Callable[[str], Visitor]
