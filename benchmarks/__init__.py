"""Benchmarks, run by `make bench`. Each module measures one thing, prints a table and writes results/NAME.json.

All of them: `python -m benchmarks [--quick]`. One: `python -m benchmarks.speed_training --help`. Results depend on
other load on the machine; the load average before the measurement is recorded.
"""

import os

# as the command line does, before torch is imported: waiting threads must not spin
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
