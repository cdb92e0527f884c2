"""`melicon evaluate`: held-out icons, tables and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer import Typer
from typer.testing import CliRunner

from gan import artist
from gan.checkpoint.weights import load_generator, save_generator
from gan.cli.evaluate import evaluate_command
from gan.dataset import DatasetError, unseen
from gan.second_stages.photomontage import Photomontage, SourcePictures
from tests.gan.models import SMALL, save

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("weights"), SMALL)


def invoke(*arguments: object) -> Result:
    app = Typer()
    app.command()(evaluate_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_an_untrained_generator_is_told_from_the_artist(weights: Path) -> None:
    result = invoke(weights, "--data", "artist:32", "--count", 24, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["has_fresh"] is True
    assert told["generated"]["count"] == told["reference_count"] == 24
    for space, figures in told["generated"]["spaces"].items():
        assert figures["kid"] > told["anchors"]["real"]["spaces"][space]["kid_high"]
        assert figures["nn_accuracy"] > 0.9
    assert told["patches"]["generated"]["nn_accuracy"] > 0.9
    assert told["patches"]["real"]["nn_accuracy"] == pytest.approx(0.5, abs=0.1)
    assert told["patches"]["blurred"]["nn_accuracy"] > 0.8
    assert any(finding.startswith("Told at a glance") for finding in told["findings"])


def test_a_folder_is_measured_against_itself_unless_fresh_icons_are_given(weights: Path, tmp_path: Path) -> None:
    artist.write_icons(tmp_path / "icons", 40)
    result = invoke(weights, "--data", tmp_path / "icons", "--count", 20)
    assert result.exit_code == 0, result.stderr
    assert "no fresh icons of this style" in result.stdout
    assert "patches of 16×16 at 256 px" in result.stdout
    assert not any(words in result.stdout for words in ("attribute classifier", "combinations", "missing values"))
    result = invoke(weights, "--data", tmp_path / "icons", "--count", 20, "--fresh", "artist:40@900")
    assert result.exit_code == 0, result.stderr
    assert "never trained on" in result.stdout
    assert "40 pictures accepted" in result.stderr


def test_no_more_icons_are_measured_than_there_are_reals(weights: Path, tmp_path: Path) -> None:
    """Of a generator that covers little, enough icons would cover everything."""
    artist.write_icons(tmp_path / "icons", 40)
    result = invoke(weights, "--data", tmp_path / "icons", "--count", 200, "--json")
    told = json.loads(result.stdout)
    assert told["generated"]["count"] == told["reference_count"] == told["anchors"]["real"]["count"] == 20
    assert (
        "classifier" not in told["generated"]["spaces"]
    )  # the house artist's attributes, of which a folder may have none
    assert not {"combinations", "missing"} & told["anchors"]["real"].keys()


def test_what_people_see_is_measured_unless_the_generators_own_pictures_are_asked_for(tmp_path: Path) -> None:
    generator, card = load_generator(save(tmp_path, SMALL))
    pictures = list(artist.icons(0, 12, 256, style="inkling"))
    save_generator(tmp_path / "w.safetensors", generator, card, Photomontage(SourcePictures.from_pictures(pictures)))
    told = {
        way: json.loads(
            invoke(tmp_path / "w.safetensors", "--data", "artist:inkling:40", "--count", 20, "--json", *way).stdout
        )
        for way in ((), ("--raw",))
    }
    shown, raw = (told[way]["generated"]["spaces"]["layout_edges"] for way in ((), ("--raw",)))
    assert shown["kid"] < raw["kid"] / 2


def test_figures_may_be_noted_in_the_card_which_still_fits_its_weights(tmp_path: Path) -> None:
    weights = save(tmp_path, SMALL)
    assert load_generator(weights)[1].metrics == {}
    result = invoke(weights, "--data", "artist:32", "--count", 20, "--json", "--note")
    assert result.exit_code == 0, result.stderr
    assert load_generator(weights)[1].metrics == json.loads(result.stdout)


def test_bad_data_are_an_error_for_a_person(weights: Path, tmp_path: Path) -> None:
    assert isinstance(invoke(weights, "--data", tmp_path / "gone").exception, DatasetError)
    assert isinstance(invoke(weights, "--data", "artist:").exception, DatasetError)


def test_fresh_icons_are_of_the_same_style_and_held_out() -> None:
    assert unseen("artist:128", 4_000) == "artist:4000@20000000"
    assert unseen("artist:ink:128@7", 4_000) == "artist:ink:4000@20000000"
    assert unseen("artist:500@20000100", 4_000) == "artist:4000@40000000"
    assert unseen("artist:500@19999999", 4_000) == "artist:4000@40000000"
    assert unseen("artist:500@20004000", 4_000) == "artist:4000@20000000"
    assert unseen("some/folder", 4_000) is None
