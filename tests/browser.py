"""A headless Chromium through ChromeDriver's own protocol (W3C WebDriver, plain HTTP): no further package is needed."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MISSING = None if CHROMIUM and DRIVER else "no Chromium here: apt-get install chromium chromium-driver"

TAB, SPACE, ENTER = "\ue004", "\ue00d", "\ue007"

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--window-size=1000,1100", "--force-color-profile=srgb", "--lang=en",
)  # fmt: skip


class Element:
    """Something on the page."""

    def __init__(self, browser: Browser, id: str) -> None:
        self._browser = browser
        self._path = f"/element/{id}"

    def click(self) -> None:
        self._browser.post(f"{self._path}/click", {})

    @property
    def text(self) -> str:
        return str(self._browser.get(f"{self._path}/text"))

    @property
    def role(self) -> str:
        """The role for assistive technology."""
        return str(self._browser.get(f"{self._path}/computedrole"))

    @property
    def label(self) -> str:
        """The name for assistive technology."""
        return str(self._browser.get(f"{self._path}/computedlabel"))

    @property
    def selected(self) -> bool:
        return bool(self._browser.get(f"{self._path}/selected"))

    def property(self, name: str) -> Any:
        return self._browser.get(f"{self._path}/property/{name}")


class Browser:
    """One session."""

    def __init__(self, driver: str, session: str) -> None:
        self._http = httpx.Client(base_url=f"{driver}/session/{session}", timeout=30, trust_env=False)

    def get(self, path: str) -> Any:
        return _value(self._http.get(path))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return _value(self._http.post(path, json=body))

    def open(self, url: str) -> None:
        self.post("/url", {"url": url})

    @property
    def url(self) -> str:
        return str(self.get("/url"))

    @property
    def title(self) -> str:
        return str(self.get("/title"))

    def find(self, selector: str) -> Element:
        return self.all(selector)[0]

    def all(self, selector: str) -> list[Element]:
        found = self.post("/elements", {"using": "css selector", "value": selector})
        return [Element(self, each[_ELEMENT]) for each in found]

    @property
    def windows(self) -> list[str]:
        found: list[str] = self.get("/window/handles")
        return found

    def switch(self, window: str) -> None:
        """Use another window, or tab, from now on."""
        self.post("/window", {"handle": window})

    def close_window(self, other: str) -> None:
        """Close the current window and use another."""
        _value(self._http.delete("/window"))
        self.switch(other)

    @property
    def focused(self) -> Element:
        return Element(self, self.get("/element/active")[_ELEMENT])

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def run(self, script: str) -> Any:
        """Run a script from outside of the page, without the page's policy."""
        return self.post("/execute/sync", {"script": script, "args": []})

    @contextmanager
    def beforehand(self, script: str) -> Iterator[None]:
        """Run a script in every page before the page's own."""
        added = self.command("Page.addScriptToEvaluateOnNewDocument", source=script)
        try:
            yield
        finally:
            self.command("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])

    def wait(self, condition: str) -> None:
        """Wait until a condition in JavaScript holds, on this page or on one that it leads to."""
        end = monotonic() + 30
        while not self.run(f"return Boolean({condition})"):
            if monotonic() > end:
                raise TimeoutError(f"{condition} does not hold at {self.url}")

    def resize(self, width: int, height: int) -> None:
        self.post("/window/rect", {"width": width, "height": height})

    def scheme(self, name: str) -> None:
        """``light`` or ``dark``, as the user's system would have it; colours change at once."""
        wanted = {"prefers-color-scheme": name, "prefers-reduced-motion": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[{"name": n, "value": v} for n, v in wanted.items()])

    def screen(self, width: int | None) -> None:
        """Emulate a screen of this width, which may be narrower than any window; ``None``: the window's own."""
        if width is None:
            self.command("Emulation.clearDeviceMetricsOverride")
        else:
            self.command(
                "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False
            )

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.get("/screenshot")))

    def command(self, name: str, **parameters: Any) -> Any:
        """One of Chromium's own commands."""
        return self.post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def log(self, kind: str = "browser") -> list[str]:
        """Return the console's messages since the last call."""
        return [str(entry["message"]) for entry in self.post("/se/log", {"type": kind})]

    def close(self) -> None:
        self._http.delete("")
        self._http.close()


@contextmanager
def browse(profile: Path, *, scripts: bool = True) -> Iterator[Browser]:
    """A browser with a fresh profile; ``scripts``: whether pages may run any."""
    if CHROMIUM is None or DRIVER is None:
        raise RuntimeError(MISSING)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [DRIVER, f"--port={port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "started successfully" in line:
                    break
            browser = _begin(f"http://127.0.0.1:{port}", profile, scripts)
            try:
                yield browser
            finally:
                browser.close()
        finally:
            process.terminate()


def _begin(driver: str, profile: Path, scripts: bool) -> Browser:
    options: dict[str, Any] = {"binary": CHROMIUM, "args": [*_FLAGS, f"--user-data-dir={profile}"]}
    if not scripts:
        options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
    wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    capabilities = {"capabilities": {"alwaysMatch": wanted}}
    response = httpx.post(f"{driver}/session", json=capabilities, timeout=60, trust_env=False)
    return Browser(driver, _value(response)["sessionId"])


def _value(response: httpx.Response) -> Any:
    value = response.json()["value"]
    if response.status_code != 200:
        raise RuntimeError(f"{value['error']}: {value['message']}")
    return value


def faint(browser: Browser) -> list[tuple[str, float]]:
    """Return the page's texts whose contrast is too low for WCAG level AA, with their contrast."""
    texts = browser.run(_TEXTS)
    assert texts
    contrasts = ((text, round(_contrast(ink, background), 2)) for text, ink, background in texts)
    return [(text, contrast) for text, contrast in contrasts if contrast < 4.5]


_TEXTS = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const background = (element) => {
  const color = getComputedStyle(element).backgroundColor;
  return color !== 'rgba(0, 0, 0, 0)' ? color : background(element.parentElement);
};
const found = [];
while (walker.nextNode()) {
  const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
  if (text && !element.closest('svg')) found.push([text, getComputedStyle(element).color, background(element)]);
}
return found;
"""


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours after WCAG 2.2, from 1 to 21; ordinary text needs 4.5."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
