"""Load on `melicon serve`: requests per second, latency and memory, measured with wrk on the same machine.

    python -m benchmarks.serve_load --seconds 20

wrk (https://github.com/wg/wrk) must be installed; it shares the cores with the server. Every request names another
address in X-Forwarded-For, to avoid the rate limit. Cached: the same icon each time. Uncached: random seeds.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import options, publish

CONNECTIONS = 16
STARTING = 60.0  # seconds a server may take to start
CASES = {
    "512 px PNG, cached": "/icon/7.png",
    "128 px avatar, cached": "/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?s=128",
    "512 px PNG, uncached": "/icon/%d.png",
    "128 px PNG, uncached": "/icon/%d.png?size=128",
    "512 px WebP, uncached": "/icon/%d.webp",
}
_SCRIPT = """
math.randomseed(os.time())
request = function()
  local byte = function() return math.random(0, 255) end
  wrk.headers["X-Forwarded-For"] = string.format("%d.%d.%d.%d", math.random(1, 126), byte(), byte(), byte())
  return wrk.format("GET", (string.gsub(path, "%%d", tostring(math.random(0, 2147483646)))))
end
"""
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}  # milliseconds


def main() -> None:
    """Start a server, measure each case, print and write."""
    parser = options("serve_load", __doc__)
    parser.add_argument("--seconds", type=int, default=20, help="of each case")
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: on Debian and Ubuntu, apt install wrk")
    seconds = 2 if chosen.quick else chosen.seconds
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (url, process):
        rows = []
        for name, path in CASES.items():
            rows.append((name, *measured(url, path, seconds, Path(folder)), memory(process.pid)))
    columns = ("request", "requests/s", "p50, ms", "p99, ms", "failed", "memory so far, MiB")
    publish(chosen.out, f"melicon serve, {CONNECTIONS} connections", columns, rows, seconds=seconds)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server with an empty data folder; yield its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port), "--behind-proxy"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + STARTING
        while not answers(f"{url}/icon/1.png"):
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit("the server does not start")
            time.sleep(0.2)
        yield url, process
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    """Whether a request succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310  # our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def measured(url: str, path: str, seconds: int, folder: Path) -> tuple[str, str, str, int]:
    """Requests per second, median and 99th percentile in milliseconds, and the number of failed requests."""
    script = folder / "requests.lua"
    script.write_text(f'path = "{path}"\n{_SCRIPT}')
    how = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", str(script)]
    told = subprocess.run(["wrk", *how, url], capture_output=True, text=True, check=True).stdout
    return read(told)


def read(told: str) -> tuple[str, str, str, int]:
    """Read what wrk printed. Raises ValueError for anything else."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    shares = {share: float(n) * _UNITS[unit] for share, n, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)\b", told)}
    if rate is None or not {"50", "99"} <= shares.keys():
        raise ValueError(f"wrk printed something else: {told[:500]}")
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    lost = int(failed[1]) if failed else 0
    lost += sum(int(count) for count in errors.groups()) if errors else 0
    return f"{float(rate[1]):,.0f}", f"{shares['50']:.1f}", f"{shares['99']:.1f}", lost


def memory(pid: int) -> str:
    """Peak resident memory of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return f"{int(found[1]) / 1024:.0f}" if found else "?"


if __name__ == "__main__":
    main()
