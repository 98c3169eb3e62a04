# SPDX-License-Identifier: MIT
# Chromium over the WebDriver protocol, with nothing but the standard library: a browser of its own
# with a profile of its own, which is gone when it is closed.
import base64
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Trouble(Exception):
    """What the driver said was wrong."""


class Browser:
    def __init__(self, home, width=1440, height=1000, dark=False):
        self.profile = tempfile.mkdtemp(prefix="profile.", dir=home)
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True, cwd=self.profile,
                                       env={**os.environ, "HOME": self.profile, "XDG_CONFIG_HOME": self.profile,
                                            "XDG_CACHE_HOME": self.profile})
        for line in self.driver.stdout:
            found = re.search(r"successfully on port (\d+)", line)
            if found:
                break
        else:
            raise Trouble("chromedriver does not start")
        self.base = f"http://127.0.0.1:{found[1]}"
        try:
            self._begin(width, height)
        except BaseException:
            self._end()
            raise
        self.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def _begin(self, width, height):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", f"--user-data-dir={self.profile}/chromium", f"--window-size={width},{height}"]
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += f"/session/{answer['sessionId']}"

    def _end(self):
        self.driver.terminate()
        self.driver.wait(20)
        self.driver.stdout.close()

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as got:
                return json.load(got)["value"]
        except urllib.error.HTTPError as error:
            raise Trouble(json.load(error)["value"]["message"]) from None

    def close(self):
        try:
            self._ask("DELETE", "")
        finally:
            self._end()

    def chrome(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def address(self):
        return self._ask("GET", "/url")

    def run(self, script, *arguments):
        """What `script`, the body of a function, returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? null", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)", selector)

    def value(self, selector):
        """The number that a figure stands for; None when it is not known."""
        return self.run("const at = document.querySelector(arguments[0]);"
                        "const text = at.getAttribute('value') ?? at.dataset.value; return text ? Number(text) : null", selector)

    def click(self, selector):
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def keys(self, text):
        """As from a keyboard, to what has the focus."""
        actions = [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def tab(self):
        """A second tab, which is then spoken to; returns the one before."""
        before = self._ask("GET", "/window")
        self.go_to(self._ask("POST", "/window/new", {"type": "tab"})["handle"])
        return before

    def go_to(self, handle):
        self._ask("POST", "/window", {"handle": handle})
        self.chrome("Page.bringToFront")

    def resize(self, width, height):
        """Of the page itself, however small: windows have a least width, this has none."""
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700)

    def scheme(self, name):
        self.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path, whole=True):
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        shot = self.chrome("Page.captureScreenshot", captureBeyondViewport=whole,
                           **({"clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}} if whole else {}))
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def console(self):
        """What was logged since it was last asked."""
        return [one["message"] for one in self._ask("POST", "/se/log", {"type": "browser"})]

    def wait(self, what, holds, seconds=20):
        """Until holds() is true; its value."""
        end = time.monotonic() + seconds
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > end:
                raise Trouble(f"never: {what}")
            time.sleep(0.05)
