"""What nginx sends of the site, with the configuration of the container."""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import with_nginx
from with_nginx import HOSTING, SECRET, Host

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

    from .conftest import Site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[Host]:
    """The site as the container has it."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        assert not os.environ.get("REQUIRE_NGINX"), "there is no nginx"
        pytest.skip("there is no nginx: on Debian, install the package nginx")
    with with_nginx.serve(nginx, site.html) as host:
        yield host


@pytest.fixture(scope="module")
def style(site: Site) -> str:
    """The address of a style sheet, with the checksum that Sphinx puts behind it."""
    (link, *_) = site.page("index.html").select("head link[rel=stylesheet][href*='?v=']")
    return f"/{link['href']}"


# What has a checksum in its address and is there may be kept; all else is asked for anew.
ANEW, YEAR = "no-cache", "public, max-age=31536000, immutable"
ANSWERS = {
    (200, "text/html", ANEW): "GET / | HEAD / | GET /index.html?v=01234567 | GET /examples/",
    (200, "text/markdown", ANEW): "GET /index.html.md",
    (200, "text/plain", ANEW): "GET /llms.txt",
    (200, "text/javascript", ANEW): "GET /searchindex.js",
    (200, "text/css", YEAR): "GET STYLE?v=CHECKSUM | HEAD STYLE?v=CHECKSUM",
    (200, "text/css", ANEW): "GET STYLE | GET STYLE?v=1 | GET STYLE?v=CHECKSUM0",
    # A folder leads to its index, without naming a host and never to another one.
    (
        301,
        "text/html",
        ANEW,
    ): "GET /examples | GET //examples | GET /.//examples | GET /%2fexamples",
    # What is not there, or not for readers.
    (404, "text/html", ANEW): "GET /missing | HEAD /missing | GET /examples/deep/missing.html"
    " | GET /index.html/ | GET /_static/ | GET /_static/missing.css?v=01234567 | GET /404.html"
    " | GET /_headers | GET //_headers | GET /%5Fheaders | GET /examples/../_headers"
    " | GET /.buildinfo | GET /.%62uildinfo | GET /.git/config",
    (405, "text/html", ANEW): "POST / | PUT / | DELETE / | OPTIONS / | OTHER / | POST /missing"
    " | POST STYLE?v=CHECKSUM",
}
NEEDED = {
    *("Server", "Date", "Content-Type", "Content-Length", "Last-Modified", "Connection", "ETag"),
    *("Accept-Ranges", "Vary", "Cache-Control", "Allow", "Location"),
}


@pytest.mark.parametrize(
    ("wanted", "request_line"),
    [(wanted, line) for wanted, lines in ANSWERS.items() for line in lines.split(" | ")],
)
def test_answers(
    host: Host, site: Site, style: str, wanted: tuple[int, str, str], request_line: str
) -> None:
    """Each has its status and headers, those that the site asks hosts for, and no other."""
    lines = (site.html / "_headers").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if not line.startswith("#")]
    assert asked.pop(0) == "/*", "nginx would send what is asked for some paths with all"
    assert len(asked) >= 3
    name, _, checksum = style.partition("?v=")
    method, path = request_line.replace("STYLE", name).replace("CHECKSUM", checksum).split()
    response, content = host.ask(path, method)
    kind = response.getheader("Content-Type", "").partition(";")[0]
    assert (response.status, kind, response.getheader("Cache-Control")) == wanted
    headers = response.getheaders()
    assert [f"  {name}: {text}" for name, text in headers if name not in NEEDED] == asked
    assert response.getheader("Server") == "nginx"
    assert response.getheader("Location") == ("/examples/" if response.status == 301 else None)
    assert response.getheader("Allow") == ("GET, HEAD" if response.status == 405 else None)
    if method == "HEAD":
        assert content == b""
    elif response.status == 404:
        assert content == (site.html / "404.html").read_bytes()


def test_every_file(host: Host, site: Site, style: str) -> None:
    """Every file comes whole, compressed too, as its type, and not again while it is the same."""
    compressed = 0
    files = (path for path in sorted(site.html.rglob("*")) if path.is_file())
    for path in (style, *("/" + file.relative_to(site.html).as_posix() for file in files)):
        if "/." in path or path in ("/_headers", "/404.html"):
            continue
        content = (site.html / path[1:].partition("?")[0]).read_bytes()
        kinds, tags = set(), set()
        for encoding in ("identity", "gzip"):
            headers = {"Accept-Encoding": encoding, "Range": "bytes=9999999-"}
            response, body = host.ask(path, headers=headers)
            kinds.add(response.getheader("Content-Type", ""))
            tags.add(response.getheader("ETag"))
            if response.getheader("Content-Encoding"):
                compressed += 1
                assert (encoding, response.getheader("Vary")) == ("gzip", "Accept-Encoding")
                assert body[3:8] == bytes(5), f"{path} has a name or a time in it"
                body = gzip.decompress(body)
            elif encoding == "gzip":
                assert len(content) < 1024 or path.endswith((".png", ".zip", ".inv")), path
            assert (response.status, body) == (200, content), path
            assert response.getheader("Content-Disposition") is None  # the links say download
            for known, name in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
                again, nothing = host.ask(path, headers={**headers, name: response.headers[known]})
                assert (again.status, nothing) == (304, b"")
                for same in ("ETag", "Cache-Control"):
                    assert again.headers[same] == response.headers[same]
        (kind,) = kinds
        assert len(tags) == 1 + bool(response.getheader("Content-Encoding")), path
        assert (kind == "application/octet-stream") == path.endswith(".inv"), (path, kind)
        assert kind.startswith("text/") == kind.endswith("; charset=utf-8"), (path, kind)
    assert compressed > len(site.pages())


OUTSIDE = (
    *(b"/../secret.txt", b"/examples/../../secret.txt", b"/%2e%2e/secret.txt", b"../secret.txt"),
    *(b"/..%2fsecret.txt", b"/%252e%252e/secret.txt", b"/%c0%ae%c0%ae/secret.txt", b"//etc/passwd"),
    *(b"/..\\secret.txt", b"/..;/secret.txt", b"/link.txt", b"/up/secret.txt", b"/up/html/x"),
    *(
        b"/" + b"%2e%2e/" * 9 + b"etc/passwd",
        b"/index.html%00.txt",
        b"/index.html\0",
        b"/%zz",
        b"*",
    ),
    *(
        b"file:///etc/passwd",
        b"http://here/../secret.txt",
        b"/" + b"a/" * 3000,
        b"/" + b"a" * 99999,
    ),
)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: repr(path[:40]))
def test_nothing_from_outside(host: Host, path: bytes) -> None:
    """A path that leads outside, or is none, gets no file; one that stays inside is followed."""
    answer = host.tell(b"GET " + path + b" HTTP/1.1")
    assert answer.split(b" ", 2)[1] in (b"400", b"404", b"414"), answer[:200]
    for told in (SECRET, b"root:", os.fsencode(host.html), b"nginx/"):
        assert told not in answer
    inside = host.tell(b"GET /examples/%2e%2e/index.html HTTP/1.1")
    assert inside.endswith((host.html / "index.html").read_bytes())


def test_plain_user(host: Host) -> None:
    """No process of it is root's, nor can it write to what it serves, and a request is short."""
    master = psutil.Process(host.process.pid)
    processes = [master, *master.children(recursive=True)]
    assert len(processes) > 1
    assert not any(0 in process.uids() for process in processes)
    if os.geteuid() == 0:
        for path in (host.html, *host.html.rglob("*")):
            assert path.stat().st_uid not in master.uids()
            assert not path.stat().st_mode & 0o022
    assert host.ask("/", headers={"Content-Length": "9999"})[0].status == 413


def test_many_at_once(host: Host) -> None:
    """It answers two hundred that stay connected, each twice."""
    connections = [http.client.HTTPConnection("127.0.0.1", host.port) for _ in range(200)]
    for connection in connections * 2:
        connection.request("HEAD", "/")
        response = connection.getresponse()
        response.read()
        assert (response.status, response.will_close) == (200, False)
    for connection in connections:
        connection.close()


def test_in_a_browser(host: Host, browser: Browser) -> None:
    """A browser has all that pages ask for, compressed, and nothing is refused."""
    answers: list[Response] = []
    refused: list[str] = []
    page = browser.new_page()
    page.on("response", lambda response: answers.append(response))
    page.on("console", lambda said: "Security" in said.text and refused.append(said.text))
    example = "examples/list/list_start_methods.html"
    for path, status in (("", 200), (example, 200), ("examples/deep/missing.html", 404)):
        answers.clear()
        page.goto(f"http://127.0.0.1:{host.port}/{path}", wait_until="networkidle")
        assert answers[0].status == status
        assert {answer.status for answer in answers[1:]} <= {200, 304}
        assert len(answers) > 5
        assert answers[0].header_value("content-encoding") == "gzip"
        assert page.locator("h1").count() == 1
    page.close()
    assert refused == []


@pytest.mark.skipif(not shutil.which("sh"), reason="prepare.sh wants a POSIX shell")
@pytest.mark.parametrize("value", ["max-age=$age", 'a "b"', "a\\b"])
def test_refused_headers(tmp_path: Path, value: str) -> None:
    """A header that nginx would send otherwise than it is written is refused."""
    (tmp_path / "_headers").write_text(f"/*\n  Some-Name: {value}\n", encoding="utf-8")
    script = [HOSTING / "prepare.sh", tmp_path, tmp_path / "headers.conf"]
    done = subprocess.run(script, capture_output=True, text=True)
    assert (done.returncode, "in its own way" in done.stderr) == (1, True)
    assert not (tmp_path / "headers.conf").exists()


def test_ignored() -> None:
    """An image is built from what git would have, so that no page says that something is amiss."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    wanted = [(line[1:] if line.startswith("/") else f"**/{line}").rstrip("/") for line in lines]
    ignored = (HOSTING / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [line for line in ignored if not line.startswith("#")] == wanted
