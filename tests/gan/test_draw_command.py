"""`melicon draw` and `melicon sheet`: output files and error messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from typer import Typer
from typer.testing import CliRunner

from gan.cli.draw import draw_command, sheet_command
from gan.cli.options import read_seeds
from gan.codes import IconCode
from gan.errors import MeliconError
from gan.rendering import read_code, upscale
from gan.sampling.sampler import Sampler
from tests.gan.models import SMALL, save

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("weights"), SMALL)


@pytest.fixture(autouse=True)
def in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def invoke(*arguments: object) -> Result:
    app = Typer()
    app.command("draw")(draw_command)
    app.command("sheet")(sheet_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def icon(weights: Path, code: str) -> NDArray[np.uint8]:
    return Sampler.load(weights).draw([IconCode.parse(code)])[0]


def test_one_icon_is_written_to_a_file_named_after_its_code(weights: Path, tmp_path: Path) -> None:
    result = invoke("draw", "123~4", "--weights", weights)
    assert result.exit_code == 0, result.output
    (path,) = tmp_path.iterdir()
    assert path.name == "123-v4.png"
    np.testing.assert_array_equal(pixels(path), upscale(icon(weights, "123~4"), 512))
    assert read_code(path.read_bytes()) == f"123~4/test#{Sampler.load(weights).card.short_hash}"


def test_size_64_is_the_models_own_output_untouched(weights: Path, tmp_path: Path) -> None:
    invoke("draw", "naru", "--size", 64, "--out", "a.png", "--weights", weights)
    np.testing.assert_array_equal(pixels(tmp_path / "a.png"), icon(weights, "naru"))


def test_several_icons_are_written_to_a_folder_in_their_order(weights: Path, tmp_path: Path) -> None:
    result = invoke(
        "draw", "naru", "--seeds", "5,7-8", "--size", 64, "--out", "new/icons", "--weights", weights, "--json"
    )
    assert result.exit_code == 0, result.output
    written = json.loads(result.stdout)
    assert [entry["file"] for entry in written] == [f"new/icons/{name}.png" for name in ("naru", "5", "7", "8")]
    assert "made the folder new/icons" in result.stderr
    assert [entry["code"].split("/")[0] for entry in written] == ["1659264469", "5", "7", "8"]
    np.testing.assert_array_equal(pixels(tmp_path / "new/icons/7.png"), icon(weights, "7"))


def test_the_code_read_from_a_file_draws_it_again(weights: Path, tmp_path: Path) -> None:
    invoke("draw", "123x456@25", "--out", "a.png", "--weights", weights)
    code = read_code((tmp_path / "a.png").read_bytes())
    invoke("draw", code, "--out", "b.png", "--weights", weights)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_sheet_shows_the_seeds_in_reading_order(weights: Path, tmp_path: Path) -> None:
    result = invoke("sheet", "--seeds", "0-5", "--columns", 3, "--out", "sheet.png", "--weights", weights, "--json")
    assert json.loads(result.stdout) == {"file": "sheet.png", "icons": 6, "width": 192, "height": 128}
    np.testing.assert_array_equal(pixels(tmp_path / "sheet.png")[64:, :64], icon(weights, "3"))


def test_a_sheet_may_be_labelled(weights: Path, tmp_path: Path) -> None:
    assert invoke("sheet", "--seeds", "0-3", "--labels", "--out", "s.png", "--weights", weights).exit_code == 0
    assert pixels(tmp_path / "s.png").shape[0] > 64 + 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["draw"], "nothing to draw"),
        (["draw", "123~"], "not an icon code"),
        (["draw", "123/other"], "style other"),
        (["draw", "1", "--size", "5000"], "--size 5000: .* from 16 to 2048"),
        (["draw", "1", "--seeds", "9-1"], "a range goes up"),
        (["draw", "1", "--out", "a.jpg"], r"name it a\.png"),
        (["draw", "1", "2", "--out", "a.png"], "2 icons go to a folder"),
        (["draw", "1", "--weights", "missing.safetensors"], "missing"),
        (["sheet", "--out", "a.png", "--columns", "0"], "--columns 0"),
        (["sheet", "--out", "a.png", "--seeds", "0-5000"], "at most 1,024"),
        (["sheet", "--out", "a.png", "--size", "513"], "16 to 512"),
        (["sheet", "--out", "."], "is a folder"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    weights: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    chosen = [] if "--weights" in arguments else ["--weights", weights]
    result = invoke(*arguments, *chosen)
    assert isinstance(result.exception, MeliconError), result.output
    with pytest.raises(MeliconError, match=message):
        raise result.exception
    assert "\n" not in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = invoke("draw", "1", "--out", "file/a.png", "--weights", weights)
    assert isinstance(result.exception, MeliconError)
    assert "cannot write file/a.png" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0-3", [0, 1, 2, 3]),
        ("1,5,9", [1, 5, 9]),
        ("7", [7]),
        ("5, 1-2", [5, 1, 2]),
        ("4294967295", [2**32 - 1]),
    ],
)
def test_seeds_are_read_in_the_order_given(text: str, seeds: list[int]) -> None:
    assert read_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", "a", "1-", "-1", "1--2", "1,,2", "2-1", "0-4294967296", "0-4294967295", "99999999999"]
)
def test_bad_seeds_are_refused(text: Any) -> None:
    with pytest.raises(MeliconError, match="--seeds"):
        read_seeds(text)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["naru", "hello"], ["naru", "hello"]),
        (["Naru", "naru", "na ru!"], ["naru", "naru-2", "na-ru"]),
        (["123~4", "日本", "naru/test"], ["123-v4", "日本", "naru-test"]),
        (["../etc/passwd", "con"], ["etc-passwd", str(IconCode.parse("con"))]),
        (["❤", "y" * 300], [str(IconCode.parse("❤")), str(IconCode.parse("y" * 300))]),
    ],
)
def test_icons_are_called_by_their_words(typed: list[str], names: list[str], weights: Path, tmp_path: Path) -> None:
    result = invoke("draw", *typed, "--size", 64, "--weights", weights, "--json")
    assert result.exit_code == 0, result.output
    assert [entry["file"] for entry in json.loads(result.stdout)] == [f"icons/{name}.png" for name in names]


def test_a_file_of_ones_own_is_not_replaced_without_force(weights: Path, tmp_path: Path) -> None:
    own = tmp_path / "naru.png"
    Image.new("RGB", (8, 8)).save(own)
    for command in (["draw", "naru"], ["draw", "123", "--out", "naru.png"], ["sheet", "--out", "naru.png"]):
        refused = invoke(*command, "--weights", weights)
        assert isinstance(refused.exception, MeliconError)
        assert "naru.png is there already" in str(refused.exception)
        assert pixels(own).shape == (8, 8, 3)
    for arguments in ([*("draw", "naru"), "--force"], ["draw", "naru"], ["sheet", "--out", "naru.png"]):
        assert invoke(*arguments, "--weights", weights).exit_code == 0
        assert pixels(own).shape[0] > 8
