"""A node that answers, and a browser that asks: real processes on the loopback address."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tocsin.node.postgres import OWNER_ROLE

PASSWORD = "a long test password"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def require_browser() -> str:
    """Return the browser's path; the test is skipped, with the reason, where there is none."""
    for name in BROWSER_NAMES:
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no Chromium found; on Debian or Ubuntu: apt-get install chromium")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser that asks nobody on the network."""
    path = require_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serve_node(database: str) -> Iterator[str]:
    """Run ``tocsin serve`` with its worker on a database of the test; give its address."""
    port = _find_free_port()
    address = f"http://127.0.0.1:{port}"
    folder = connections["default"].settings_dict["HOST"]
    user = connections["default"].settings_dict["USER"]
    environment = {
        **os.environ,
        "TOCSIN_HOME": str(settings.HOME),
        "TOCSIN_ADDRESS": address,
        "TOCSIN_DATABASE_URL": f"postgresql://{user}@/{database}?host={folder}",
        "TOCSIN_OWNER_DATABASE_URL": f"postgresql://{OWNER_ROLE}@/{database}?host={folder}",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", "serve", "--port", str(port)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=60)


class Visitor:
    """Somebody at a browser, who notes what the browser complains about."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
    ) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900},
            accept_downloads=True,
            color_scheme=scheme,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def log_in(self, username: str, password: str = PASSWORD) -> None:
        self.go("/accounts/login/")
        self.page.fill("[name=login]", username)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_selector("#navigation", state="attached")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=False).first.click()

    def read(self) -> str:
        return self.page.inner_text("main")

    def leave(self) -> None:
        self.context.close()

    def _note(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), str(getattr(message, "text", message))
        # A page that is refused says so with its status; that is no fault of the page.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(address: str, server: "subprocess.Popen[str]") -> None:
    for _attempt in range(1_200):
        if server.poll() is not None:
            pytest.fail(f"the node ended: {server.stderr.read() if server.stderr else ''}")
        try:
            with urllib.request.urlopen(f"{address}/healthy") as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the node does not answer; expected it within two minutes")
