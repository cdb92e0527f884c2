"""The load on `melicon serve`, with wrk where it is installed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import serve_load

TOLD = """Running 2s test @ http://127.0.0.1:1
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    22.44ms   38.25ms 312.20ms   88.92%
    Req/Sec     1.83k     0.93k    2.88k    60.00%
  Latency Distribution
     50%  812.00us
     75%   14.80ms
     90%   67.17ms
     99%    1.20s
  3654 requests in 2.00s, 71.71MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 4
Requests/sec:   1826.61
Transfer/sec:     35.85MB
"""


def test_what_wrk_prints_is_read() -> None:
    assert serve_load.read(TOLD) == ("1,827", "0.8", "1200.0", 7)
    assert serve_load.read(TOLD.replace("  Non-2xx or 3xx responses: 4\n", ""))[3] == 3
    with pytest.raises(ValueError, match="something else"):
        serve_load.read("usage: wrk")


def test_without_wrk_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["serve_load"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match="apt install wrk"):
        serve_load.main()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_server_is_measured_and_not_stopped_by_its_rate_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(serve_load, "CASES", {"cached": "/icon/7.png?size=64", "uncached": "/icon/%d.png?size=64"})
    monkeypatch.setattr("sys.argv", ["serve_load", "--quick", "--out", str(tmp_path / "load.json")])
    serve_load.main()
    rows = json.loads((tmp_path / "load.json").read_text())["figures"]
    assert [row["failed"] for row in rows] == [0, 0]
