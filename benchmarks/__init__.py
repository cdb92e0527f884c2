"""What `make bench` runs. Each module measures one thing, prints a table and writes benchmarks/results/NAME.json.

All of them: `python -m benchmarks [--quick]`. One: `python -m benchmarks.speed_training --help`. Figures depend on what
else the machine does: the load before the measurement is written down with them.
"""

import os

# as the command line sets it, before torch is imported: threads that wait do not spin
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
