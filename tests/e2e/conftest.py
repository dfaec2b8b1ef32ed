"""The rig of the browser journeys: a real gunicorn, a real worker, a real Chromium.

Black box: nothing here imports Plumbline. SQLite unless DATABASE_URL and REDIS_URL are set, then a
database of its own on that PostgreSQL. E2E_BASE_URL (and E2E_DEMO, the file `manage.py demo --json`
was written to) run the journeys against a server that runs already.
"""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "var" / "test-results"
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
REPORT = pytest.StashKey[dict[str, pytest.TestReport]]()
# The console repeats what the network log says; answers of 4xx are part of many journeys.
ECHO_OF_4XX = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (e) =>
  console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile || ""}`));
"""


# --- The server --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """Where it listens, what the demo put into it, and how to run a command beside it."""

    url: str
    demo: dict[str, Any]
    env: dict[str, str]

    def manage(self, *args: str) -> str:
        return run_manage(self.env, *args)


def run_manage(env: dict[str, str], *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, f"manage.py {' '.join(args)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def end_with_parent() -> None:
    """A test run that is killed leaves no server behind (Linux only, a convenience)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextlib.contextmanager
def own_database(env: dict[str, str]) -> Iterator[None]:
    """On PostgreSQL a database of this run and xdist worker; else SQLite in its own folder."""
    if not env.get("DATABASE_URL", "").startswith("postgres"):
        env.pop("DATABASE_URL", None)
        yield
        return
    asked = env["DATABASE_URL"]
    name = f"plumbline_e2e_{os.getpid()}_{WORKER}"
    env["DATABASE_URL"] = urlunsplit(urlsplit(asked)._replace(path=f"/{name}"))
    with psycopg.connect(asked, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def own_redis(env: dict[str, str]) -> Iterator[None]:
    """Where Redis is asked for, one of this xdist worker's own: two servers on one queue would
    take each other's work, whose rows they do not have."""
    if not env.get("REDIS_URL"):
        yield
        return
    port = free_port()
    env["REDIS_URL"] = f"redis://127.0.0.1:{port}"
    redis = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "",
         "--maxmemory-policy", "noeviction"],
        stdout=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )  # fmt: skip
    try:
        yield
    finally:
        redis.terminate()
        redis.wait(timeout=10)


def wait_until_up(url: str, processes: dict[str, subprocess.Popen[bytes]], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for name, process in processes.items():
            if process.poll() is not None:
                pytest.fail(f"{name} ended:\n{log.read_text()[-4000:]}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/readyz", timeout=5)  # noqa: S310  (our own address)
            return
        time.sleep(0.1)
    pytest.fail(f"The server did not come up:\n{log.read_text()[-4000:]}")


@contextlib.contextmanager
def running(env: dict[str, str], folder: Path) -> Iterator[str]:
    """Web and worker as script/server starts them; always stopped, by their process ids."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    worker = ["celery", "--app", "config", "worker", "--beat", "--concurrency", "1"]
    worker += ["--hostname", f"e2e-{port}@%h"]
    worker += ["--without-gossip", "--without-mingle"]
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with log.open("ab") as out:
        try:
            for name, command in {"web": web, "worker": worker}.items():
                processes[name] = subprocess.Popen(
                    [sys.executable, "-m", *command],
                    cwd=ROOT,
                    env=env,
                    stdout=out,
                    stderr=out,
                    preexec_fn=end_with_parent,
                )
            wait_until_up(url, processes, log)
            yield url
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    env = {**os.environ, "PYTHONWARNINGS": "default"}
    if url := os.environ.get("E2E_BASE_URL"):
        told = os.environ.get("E2E_DEMO")
        demo = Path(told).read_text() if told else run_manage(env, "demo", "--json")
        yield Server(url.rstrip("/"), json.loads(demo), env)
        return
    folder = tmp_path_factory.mktemp("server")
    env["VAR_DIR"] = str(folder)
    (folder / "static").mkdir()  # WhiteNoise warns when it is missing
    with own_database(env), own_redis(env):
        run_manage(env, "migrate", "--noinput", "--verbosity", "0")
        run_manage(env, "load_library", "--verbosity", "0")
        demo = json.loads(run_manage(env, "demo", "--json"))
        with running(env, folder) as url:
            yield Server(url, demo, env)
        if os.environ.get("E2E_KEEP_LOG"):
            RESULTS.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "server.log", RESULTS / f"server-{WORKER}.log")


@pytest.fixture
def demo(server: Server) -> dict[str, Any]:
    """What `manage.py demo --json` printed: ids, sign-ins, candidate links."""
    return server.demo


# --- The browser -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
) -> dict[str, Any]:
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "Chromium is missing: script/test installs it, or set CHROMIUM."
    return {**browser_type_launch_args, "executable_path": found, "args": FLAGS}


@dataclass
class Watch:
    """What no journey may cause, and what this one announced."""

    origin: str
    found: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """This journey means to cause it (a cut network, a 503 it makes itself)."""
        self.expected.append(re.compile(pattern))

    def note(self, what: str) -> None:
        self.found.append(what)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not ECHO_OF_4XX.search(message.text):
            self.note(f"console: {message.text} ({message.location.get('url', '')})")

    def on_request(self, request: Request) -> None:
        url = request.url
        if url.startswith(("data:", "blob:", "about:", f"{self.origin}/")):
            return
        self.note(f"off-origin request: {url}")

    def on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.note(f"{response.status}: {response.request.method} {response.url}")

    def add(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.note(f"page error: {error.error}"))
        context.on("request", self.on_request)
        context.on("response", self.on_response)

    def problems(self) -> list[str]:
        return [
            text for text in self.found if not any(known.search(text) for known in self.expected)
        ]


class Pages:
    """Makes pages, each in a fresh context: another person, another browser."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.server = server
        self.watch = Watch(server.url)
        self.contexts: list[BrowserContext] = []
        self._browser = browser

    def context(self, **options: Any) -> BrowserContext:
        options = {"base_url": self.server.url, "locale": "en-GB", "timezone_id": "UTC"} | options
        context = self._browser.new_context(**options)
        context.set_default_timeout(30_000)
        self.watch.add(context)
        if os.environ.get("E2E_TRACE"):
            context.tracing.start(snapshots=True, screenshots=True)
        self.contexts.append(context)
        return context

    def new(self, **options: Any) -> Page:
        """A page of somebody new; options as in Browser.new_context (color_scheme, viewport, …)."""
        return self.context(**options).new_page()

    def signed_in(self, email: str, password: str, **options: Any) -> Page:
        """A page of somebody who signed in through the form."""
        page = self.new(**options)
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(password)
        with page.expect_navigation(url=lambda url: "/accounts/login" not in url):
            page.locator("input[name=password]").press("Enter")
        return page

    def expect(self, pattern: str) -> None:
        self.watch.expect(pattern)

    def keep(self, name: str) -> None:
        """Screenshots (and traces) of every page, for whoever looks at the failure."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        for number, context in enumerate(self.contexts):
            for count, page in enumerate(context.pages):
                with contextlib.suppress(Exception):  # a page that crashed has no picture
                    page.screenshot(path=RESULTS / f"{name}-{number}-{count}.png", full_page=True)
            if os.environ.get("E2E_TRACE"):
                context.tracing.stop(path=RESULTS / f"{name}-{number}.zip")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash.setdefault(REPORT, {})[report.when] = report
    return report


@pytest.fixture
def pages(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Pages]:
    made = Pages(browser, server)
    yield made
    problems = made.watch.problems()
    report = request.node.stash.get(REPORT, {}).get("call")
    if problems or (report and report.failed):
        made.keep(re.sub(r"[^\w-]+", "-", request.node.nodeid))
    made.close()
    assert not problems, "The browser saw:\n" + "\n".join(problems)


# --- Helpers of the journeys -------------------------------------------------------------------


def axe(page: Page, *, within: str = "html", disable: tuple[str, ...] = ()) -> None:
    """No accessibility violation on the page as it stands; `disable` needs a reason beside it."""
    # Evaluated, not added as a script: the page's CSP rightly refuses the latter.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(
        """([within, tags, rules]) => axe.run(within, {
             runOnly: {type: "tag", values: tags}, rules, resultTypes: ["violations"],
           }).then((result) => result.violations)""",
        [within, AXE_TAGS, {rule: {"enabled": False} for rule in disable}],
    )
    lines = [
        f"{item['id']} ({item['impact']}): {item['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}" for node in item["nodes"][:5])
        for item in found
    ]
    assert not lines, f"axe on {page.url}:\n" + "\n".join(lines)


@pytest.fixture
def check_axe() -> Callable[..., None]:
    return axe


def assert_focus(page: Page) -> None:
    """After an action the focus comes to stand somewhere a keyboard can go on from."""
    page.wait_for_function("() => document.activeElement !== document.body", timeout=5_000)
