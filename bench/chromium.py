"""Chromium on a leash of four commands, over the DevTools pipe.

Playwright would do, but it listens to the network and copies every request body through DevTools: an upload of 600 MB
then measures the listener. Here nothing but the page runs.
"""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-pipe"
)
_POLL_SECONDS = 0.1


class PageFailed(RuntimeError):
    """The page threw, or did not come to the state that was waited for."""


class Chromium:
    """One browser with one tab and a profile of its own."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._numbers = itertools.count(1)
        self._rest = b""

    def __enter__(self) -> Self:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        if path is None:
            raise PageFailed("cannot measure: no Chromium on this machine; install your system's chromium package")
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        argv = [path, *FLAGS.split(), f"--user-data-dir={self._profile.name}", "about:blank"]
        script = f'exec 3<&{commands} 4>&{answers}; exec "$@"'  # Chromium reads number 3 and writes number 4
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", script, "chromium", *argv],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def before_each_page(self, script: str) -> None:
        self._tab("Page.enable")
        self._tab("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        self._tab("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'", 60)

    def evaluate(self, expression: str) -> Any:
        answer = self._tab("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise PageFailed(f"{expression[:80]}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float) -> None:
        """Poll a condition of the page until it is true."""
        until = time.monotonic() + seconds
        while not self.evaluate(condition):
            if time.monotonic() > until:
                raise PageFailed(f"not true after {seconds:.0f} s: {condition}")
            time.sleep(_POLL_SECONDS)

    def choose_file(self, selector: str, path: Path) -> None:
        found = self._tab("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        node = found["result"]["objectId"]
        self._tab("DOM.setFileInputFiles", objectId=node, files=[str(path.resolve())])

    def _tab(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._call(method, session=self._session, **parameters)

    def _call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            continue  # an event
        if "error" in answer:
            raise PageFailed(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._read, 1 << 16)
            if not piece:
                raise PageFailed("Chromium ended")
            self._rest += piece
        text, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        return message
