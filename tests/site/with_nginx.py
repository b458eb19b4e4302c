"""Serves the site with nginx as the container does, for the tests."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOSTING = Path(__file__).parents[2] / "hosting"
SECRET = b"not for readers"


class Host(NamedTuple):
    port: int
    html: Path
    process: subprocess.Popen[bytes]

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def tell(self, line: bytes) -> bytes:
        """What comes back for a first line that no library would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(line + b"\r\nHost: here\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextlib.contextmanager
def serve(nginx: str, site: Path) -> Iterator[Host]:
    """Serve a copy of a built site, compressed, as a plain user."""
    plain = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.geteuid() else {}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # pytest's own folders are closed to other users.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        html = _lay_out(folder, site, port)
        errors = folder / "errors.log"
        with errors.open("wb") as log:
            process = subprocess.Popen(
                [nginx, "-e", "stderr", "-p", folder / "tmp", "-c", folder / "nginx.conf"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **plain,
            )
        try:
            for _ in range(300):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert process.poll() is None, errors.read_text(encoding="utf-8", errors="replace")
                time.sleep(0.1)
            yield Host(port, html, process)
        finally:
            process.terminate()
            process.wait(timeout=60)
        said = errors.read_text(encoding="utf-8", errors="replace")
        assert process.returncode == 0, said
        assert not re.search(r"\[(warn|crit|alert|emerg)\]", said), said


def _lay_out(folder: Path, site: Path, port: int) -> Path:
    """Put there what the image has below /srv, a file beside it, and links that lead to that."""
    folder.chmod(0o755)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o777)
    html = folder / "html"
    shutil.copytree(site, html)
    subprocess.run([HOSTING / "prepare.sh", html, folder / "headers.conf"], check=True)
    text = (HOSTING / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (("listen 8080", f"listen 127.0.0.1:{port}"), ("/srv/html", str(html))):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    (folder / "secret.txt").write_bytes(SECRET)
    (html / "link.txt").symlink_to("../secret.txt")
    (html / "up").symlink_to("..")
    return html
