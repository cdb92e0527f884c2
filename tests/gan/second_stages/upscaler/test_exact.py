"""Upscaler inference is exact in any order of summation, and unsafe weights are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from gan.checkpoint.weights import WeightsError, load_generator, second_stage_of
from gan.second_stages.upscaler import exact
from gan.second_stages.upscaler.exact import CERTAIN, ExactUpscaler, read_upscaler
from gan.second_stages.upscaler.label_map import Scores
from gan.second_stages.upscaler.network import Upscaler
from gan.second_stages.upscaler.spec import PLAIN, Spec, Stage, learned

CONDITIONS, COLOURS = 40, 5
SMALL = Spec((Stage(32, inputs=3, width=6, convolutions=2, grows=4), Stage(64, 2, 5, 2, 3, grow_kernel=3)))
LABELS = learned(CONDITIONS, COLOURS)
SHIPPED = Path(__file__).parents[4] / "weights" / "default.safetensors"
ANYWHERE = """
import hashlib, sys, torch
from pathlib import Path
from gan.checkpoint.weights import load_generator, second_stage_of
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(3)
network = second_stage_of(load_generator(Path(sys.argv[1]))[0])._network
inputs = {s.side: torch.randint(-60, 200, (s.side, s.side, s.inputs)).float() for s in network.spec.stages if s.inputs}
conditions = torch.zeros(network.spec.conditions)
conditions[::12], conditions[5] = 255, 77
print(hashlib.sha256(network(inputs, conditions).tobytes()).hexdigest())
"""


def some_inputs(spec: Spec, count: int = 1) -> dict[int, torch.Tensor]:
    return {
        stage.side: torch.randint(-50, 150, (count, stage.inputs, stage.side, stage.side)).float()
        for stage in spec.stages
        if stage.inputs
    }


def with_palette(network: Upscaler) -> dict[str, torch.Tensor]:
    spec = network.spec
    return network.whole() | {
        "palette.chosen": torch.randint(0, 40, (spec.conditions, spec.colours, 3)).to(torch.uint8),
        "palette.still": torch.zeros(spec.colours, 3, dtype=torch.uint8),
    }


@pytest.mark.parametrize("spec", [SMALL, PLAIN])
def test_it_draws_what_the_trained_network_draws(spec: Spec) -> None:
    torch.manual_seed(0)
    network = Upscaler(spec)
    inputs = some_inputs(spec, 2)
    with torch.no_grad():
        expected = network(inputs).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    drawing = ExactUpscaler(spec, network.whole())
    for number, picture in enumerate(expected):
        drawn = drawing({side: x[number].permute(1, 2, 0).contiguous() for side, x in inputs.items()})
        np.testing.assert_array_equal(drawn, picture)
    assert expected.std() > 10  # of 255: there was something to compare


def test_its_scores_are_those_of_the_trained_network(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    spec = learned(CONDITIONS, COLOURS)
    network = Upscaler(spec)
    seen: list[Scores] = []
    monkeypatch.setattr(exact, "painted", lambda scores, *_: seen.append(scores))
    inputs, conditions = some_inputs(spec), torch.zeros(CONDITIONS)
    conditions[[1, 20]] = 255
    with torch.no_grad():
        expected = network(inputs, conditions[None])[0].round().flatten(1).numpy()
    planar = {side: x[0].permute(1, 2, 0).contiguous() for side, x in inputs.items()}
    ExactUpscaler(spec, with_palette(network))(planar, conditions)
    places = seen[0].places(np.arange(expected.shape[1]))
    found = [seen[0].at(np.full(len(places), label, np.uint8), places) for label in range(COLOURS)]
    np.testing.assert_array_equal(np.rint(found), expected)
    np.testing.assert_array_equal(seen[0].labels()[0].ravel(), expected.argmax(axis=0))
    assert expected.std() > 3


def test_conditions_change_what_is_drawn_and_settle_its_colours() -> None:
    torch.manual_seed(0)
    spec = learned(CONDITIONS, COLOURS)
    drawing = ExactUpscaler(spec, with_palette(Upscaler(spec)))
    inputs = {side: x[0].permute(1, 2, 0).contiguous() for side, x in some_inputs(spec).items()}
    first, second = torch.zeros(CONDITIONS), torch.zeros(CONDITIONS)
    first[[1, 20]], second[[2, 20]] = 255, 255
    assert (drawing(inputs, first) != drawing(inputs, second)).any()


def test_sums_that_float32_might_round_are_refused() -> None:
    network = Upscaler(SMALL)
    tensors = network.whole()
    tensors["32_0.bias"][0] = CERTAIN
    with pytest.raises(WeightsError, match="32_0 could reach sums"):
        ExactUpscaler(SMALL, tensors)


def test_every_partial_sum_of_the_shipped_weights_is_exact() -> None:
    """Summed in float64 in the opposite order, the largest activations there can be give the same numbers."""
    network = second_stage_of(load_generator(SHIPPED)[0])._network  # type: ignore[union-attr]
    for layer in network._layers.values():
        for matrix in layer._rows:
            pixels = torch.randint(0, 256, (50, matrix.shape[0])).float()
            there = (pixels @ matrix).double()
            back = pixels.double().flip(1) @ matrix.double().flip(0)
            assert torch.equal(there, back)


@pytest.mark.parametrize(("part", "value"), [("32_0.weight", None), ("32_0.step", torch.zeros(6))])
def test_tensors_that_do_not_fit_are_named(part: str, value: torch.Tensor | None) -> None:
    tensors = Upscaler(SMALL).whole()
    if value is None:
        del tensors[part]
    else:
        tensors[part] = value
    with pytest.raises(WeightsError, match=part):
        ExactUpscaler(SMALL, tensors)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (replace(SMALL, stages=(SMALL.stages[0], replace(SMALL.stages[1], width=4000))), "million multiplications"),
        (replace(LABELS, stages=(*LABELS.stages[:-1], replace(LABELS.stages[-1], grow_kernel=3))), "kernel of 1"),
        (replace(LABELS, colours=COLOURS + 1), "a channel for each colour"),
        (replace(LABELS, stages=LABELS.stages[:-1]), "double the side up to 128"),
        (replace(PLAIN, stages=(PLAIN.stages[0], replace(PLAIN.stages[1], map_channels=2))), "condition maps"),
    ],
)
def test_an_architecture_that_costs_too_much_or_fits_no_label_map_is_refused(spec: Spec, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Spec.from_json(spec.to_json())


@pytest.mark.parametrize("spec", ["{", "[]", '{"stages": [], "conditions": 0, "map_channels": 0, "colours": 0}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, spec: str) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(save(Upscaler(SMALL).whole(), metadata={"spec": spec}))
    with pytest.raises(WeightsError, match="not an upscaler"):
        ExactUpscaler(*read_upscaler(path))


def test_the_same_pixels_under_every_instruction_set_and_number_of_threads() -> None:
    ways = [
        ({"ATEN_CPU_CAPABILITY": "default"}, 1),
        ({"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}, 2),
        ({"MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "AVX2"}, 1),
    ]
    digests = {
        subprocess.run(
            [sys.executable, "-c", ANYWHERE, str(SHIPPED), str(threads)],
            env=os.environ | more,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for more, threads in ways
    }
    assert len(digests) == 1
