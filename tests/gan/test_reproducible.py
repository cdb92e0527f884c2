"""The same code and model give the same pixels whatever the processor, thread count and batch."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from tests.gan.models import ARTICLE, FULL, save
from tests.patience import ENOUGH

CAPABILITIES = {"default": None, "avx2": "avx2", "avx512": "avx512f"}  # PyTorch's name, the processor's flag
MODELS = {"article": ARTICLE, "fast": FULL | {"attributes": [8, 5, 3]}}

# Draws 17 icons of every model with 1 and 2 threads, one by one and all at once; prints the SHA-256 of each way.
SCRIPT = """
import hashlib, json, sys
from pathlib import Path
import torch
from gan.codes import IconCode
from gan.sampling.sampler import Sampler
texts = [*range(12), "naru", "123~4", "123~4~2", "123x456@25", "123x456@50~3"]
codes = [IconCode.parse(str(text)) for text in texts]
hashes = {}
for model in sys.argv[1:]:
    sampler = Sampler.load(Path(model))
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for batch in (1, 17):
            pixels = [sampler.draw(codes[i:i + batch]).tobytes() for i in range(0, 17, batch)]
            way = f"{Path(model).parent.name}, {threads} threads, batches of {batch}"
            hashes[way] = hashlib.sha256(b"".join(pixels)).hexdigest()
print(json.dumps([torch.backends.cpu.get_cpu_capability(), hashes]))
"""


def flags() -> set[str]:
    """Instruction sets of this processor, as Linux names them."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return {flag for line in lines if line.startswith("flags") for flag in line.split()}


@functools.cache
def draw(weights: tuple[Path, ...], capability: str) -> dict[str, str]:
    """Draw in a fresh process, for PyTorch chooses its instructions once."""
    environment = os.environ | {"ATEN_CPU_CAPABILITY": capability, "OMP_NUM_THREADS": "2"}
    arguments = [sys.executable, "-c", SCRIPT, *map(str, weights)]
    result = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True, timeout=ENOUGH)
    used, hashes = json.loads(result.stdout)
    assert used.lower() == capability
    return dict(hashes)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("weights")
    for name in MODELS:
        (folder / name).mkdir()
    return tuple(save(folder / name, architecture) for name, architecture in MODELS.items())


@pytest.fixture(scope="module")
def reference(weights: tuple[Path, ...]) -> dict[str, str]:
    """Return each model's hash when drawn the plainest way: no vector instructions, 1 thread, one by one."""
    hashes = draw(weights, "default")
    return {name: hashes[f"{name}, 1 threads, batches of 1"] for name in MODELS}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_pixels_are_the_same_on_any_processor_with_any_threads_and_batches(
    weights: tuple[Path, ...], reference: dict[str, str], capability: str
) -> None:
    flag = CAPABILITIES[capability]
    if flag is not None and flag not in flags():
        pytest.skip(f"this processor has no {flag}")
    hashes = draw(weights, capability)
    assert len(hashes) == len(MODELS) * 4
    assert {way: digest for way, digest in hashes.items() if digest != reference[way.split(",")[0]]} == {}


def test_the_compared_icons_differ_from_one_another(weights: tuple[Path, ...]) -> None:
    """Were the pictures flat, all hashes would agree and prove nothing."""
    for path in weights:
        pictures = Sampler.load(path).draw([IconCode.from_seed(seed) for seed in range(4)])
        assert len({picture.tobytes() for picture in pictures}) == 4
        assert np.ptp(pictures) > 100
