"""The article's networks match the article."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from gan.networks.sagan import Discriminator, Generator, SelfAttention, parameter_count

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ("layer1", "layer2", "layer3", "layer4")


@pytest.fixture(scope="module", name="G")
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator()


@pytest.fixture(scope="module", name="D")
def discriminator() -> Discriminator:
    torch.manual_seed(1)
    return Discriminator()


def shapes(network: nn.Module, x: torch.Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """What each direct child of ``network`` puts out, in the order in which they are called."""
    seen: list[tuple[str, tuple[int, ...]]] = []
    hooks = [
        child.register_forward_hook(lambda _m, _i, out, name=name: seen.append((name, tuple(out.shape[1:]))))
        for name, child in network.named_children()
    ]
    network(x)
    for hook in hooks:
        hook.remove()
    return seen


def test_the_parameter_counts_are_the_articles(G: Generator, D: Discriminator) -> None:
    assert parameter_count(G) == 2_948_149
    assert parameter_count(D) == 3_175_299


def test_the_generator_grows_from_4_to_64_with_attention_at_16_and_32(G: Generator) -> None:
    assert shapes(G, torch.randn(2, 20)) == [
        ("layer1", (512, 4, 4)),
        ("layer2", (256, 8, 8)),
        ("layer3", (128, 16, 16)),
        ("attention1", (128, 16, 16)),
        ("layer4", (64, 32, 32)),
        ("attention2", (64, 32, 32)),
        ("last", (3, 64, 64)),
    ]


def test_the_discriminator_shrinks_from_64_to_4_with_attention_at_8_and_4(D: Discriminator) -> None:
    x = torch.randn(2, 3, 64, 64)
    assert shapes(D, x) == [
        ("layer1", (64, 32, 32)),
        ("layer2", (128, 16, 16)),
        ("layer3", (256, 8, 8)),
        ("attention1", (256, 8, 8)),
        ("layer4", (512, 4, 4)),
        ("attention2", (512, 4, 4)),
        ("last", (1, 1, 1)),
    ]
    assert D(x).shape == (2,)


def test_every_convolution_has_the_articles_kernel_stride_and_padding(G: Generator, D: Discriminator) -> None:
    up = [getattr(G, name)[0] for name in LAYERS] + [G.last[0]]
    assert all(isinstance(c, nn.ConvTranspose2d) for c in up)
    assert [(c.in_channels, c.out_channels, c.kernel_size[0], c.stride[0], c.padding[0]) for c in up] == [
        (20, 512, 4, 1, 0),
        (512, 256, 4, 2, 1),
        (256, 128, 4, 2, 1),
        (128, 64, 4, 2, 1),
        (64, 3, 4, 2, 1),
    ]
    down = [getattr(D, name)[0] for name in LAYERS] + [D.last]
    assert all(isinstance(c, nn.Conv2d) for c in down)
    assert [(c.in_channels, c.out_channels, c.kernel_size[0], c.stride[0], c.padding[0]) for c in down] == [
        (3, 64, 4, 2, 1),
        (64, 128, 4, 2, 1),
        (128, 256, 4, 2, 1),
        (256, 512, 4, 2, 1),
        (512, 1, 4, 1, 0),
    ]


def test_spectral_norm_is_on_the_first_four_layers_and_nowhere_else(G: Generator, D: Discriminator) -> None:
    for network in (G, D):
        normed = {name for name, module in network.named_modules() if is_parametrized(module)}
        assert normed == {f"{name}.0" for name in LAYERS}


def test_spectral_norm_brings_the_largest_singular_value_to_1(D: Discriminator) -> None:
    weight = D.layer2[0].weight.detach().flatten(1)
    assert torch.linalg.matrix_norm(weight, 2).item() == pytest.approx(1, abs=0.1)
    learned = D.layer2[0].parametrizations.weight.original.detach().flatten(1)
    assert torch.linalg.matrix_norm(learned, 2).item() < 0.9  # what is learned is not itself bound to 1


def test_batchnorm_and_relu_follow_in_the_generator_leaky_relu_in_the_discriminator(
    G: Generator, D: Discriminator
) -> None:
    for name in LAYERS:
        assert [type(m) for m in list(getattr(G, name))[1:]] == [nn.BatchNorm2d, nn.ReLU]
        (activation,) = list(getattr(D, name))[1:]
        assert isinstance(activation, nn.LeakyReLU)
        assert activation.negative_slope == 0.1
    assert isinstance(G.last[1], nn.Tanh)
    assert not [m for m in D.modules() if isinstance(m, nn.BatchNorm2d)]


def test_weights_start_from_a_normal_distribution_of_width_002_and_shifts_at_0(G: Generator, D: Discriminator) -> None:
    for network in (G, D):
        for name, p in network.named_parameters():
            if name.endswith("gamma"):
                continue
            centre = 0.0
            if p.ndim == 1 and "weight" in name:
                centre = 1.0  # BatchNorm's scale
            if name.endswith("bias"):
                assert not p.any(), name
                continue
            spread = 4 * 0.02 / p.numel() ** 0.5  # four standard errors
            assert p.mean().item() == pytest.approx(centre, abs=spread), name
            assert p.std().item() == pytest.approx(0.02, abs=max(spread, 1e-4)), name


def test_attention_is_the_identity_at_first_because_its_gamma_starts_at_0() -> None:
    attention = SelfAttention(16)
    x = torch.randn(2, 16, 5, 5)
    assert attention.gamma.item() == 0
    assert torch.equal(attention(x), x)


def test_attention_compares_eighths_of_the_channels_and_adds_what_it_finds_times_gamma() -> None:
    torch.manual_seed(0)
    attention = SelfAttention(16)
    nn.init.constant_(attention.gamma, 0.7)
    x = torch.randn(1, 16, 3, 2)
    assert attention.query.out_channels == attention.key.out_channels == 2
    q, k, v = (layer(x)[0].flatten(1) for layer in (attention.query, attention.key, attention.value))
    out = attention(x)[0].flatten(1)
    for i in range(6):  # position by position, as the paper's sum is written
        similarity = torch.stack([torch.exp((q[:, i] * k[:, j]).sum()) for j in range(6)])
        found = sum(s / similarity.sum() * v[:, j] for j, s in enumerate(similarity))
        torch.testing.assert_close(out[:, i], x[0].flatten(1)[:, i] + 0.7 * found)


def test_pictures_lie_between_minus_1_and_1(G: Generator) -> None:
    assert G(torch.randn(4, 20) * 10).abs().max() <= 1


def test_gradients_reach_every_parameter_of_both(G: Generator, D: Discriminator) -> None:
    D(G(torch.randn(2, 20))).sum().backward()
    for network in (G, D):
        assert all(p.grad is not None for p in network.parameters())


def test_importing_trains_nothing_prints_nothing_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import torch; before = torch.get_rng_state()\n"
        "import gan.networks.sagan, gan.training, gan.cli.train\n"
        "assert torch.equal(before, torch.get_rng_state())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
