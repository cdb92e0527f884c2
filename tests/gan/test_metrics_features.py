"""Random convolutions have frozen weights, and the classifier has the accuracy of its card."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gan import artist
from gan.metrics.classifier import SHIPPED, AttributeClassifier
from gan.metrics.distances import MetricsError
from gan.metrics.random_features import SEEDS, random_features, random_weights
from tests.gan.odd_pictures import drawing


@pytest.fixture(scope="module")
def classifier() -> AttributeClassifier:
    return AttributeClassifier.load()


def test_random_weights_are_the_same_for_ever() -> None:
    digest = hashlib.sha256()
    for seed in SEEDS:
        for weight, bias in random_weights(seed):
            digest.update(weight.astype("<f4").tobytes() + bias.astype("<f4").tobytes())
    assert digest.hexdigest() == "eb57b4dd76bd8eaa43ae688b59d1c754d609b3322db90b8df84d04224f351ea6"


def test_random_features_tell_icons_apart_and_do_not_depend_on_their_company() -> None:
    images = np.stack([drawing(seed) for seed in range(300)])
    features = random_features(images, 0)
    assert features.shape == (300, 256)
    assert np.allclose(random_features(images[290:], 0), features[290:], atol=1e-5)
    assert not np.allclose(random_features(images[:2], 1), features[:2])
    assert len(np.unique(features.round(3), axis=0)) == 300


def test_the_classifier_is_small_and_its_card_belongs_to_it(classifier: AttributeClassifier) -> None:
    assert SHIPPED.stat().st_size <= 2 << 20
    assert hashlib.sha256(SHIPPED.read_bytes()).hexdigest() == classifier.card["hash"]
    assert set(classifier.card["accuracy"]) == set(artist.ATTRIBUTES) == set(classifier.attributes)
    assert {name: list(values) for name, values in artist.ATTRIBUTES.items()} == classifier.attributes
    assert len(classifier.combination) == 7


def test_the_classifier_sees_fresh_icons_as_well_as_its_card_says(classifier: AttributeClassifier) -> None:
    start, count = 25_000_000, 200
    sight = classifier.look(artist.icons(start, count))
    right = [
        [values[label] == artist.labels(start + row)[name] for row, label in enumerate(column)]
        for (name, values), column in zip(classifier.attributes.items(), sight.labels.T, strict=True)
    ]
    assert np.mean(right) == pytest.approx(classifier.card["mean_accuracy"], abs=0.03)
    for name, hits in zip(classifier.attributes, right, strict=True):
        said = classifier.card["accuracy"][name]
        assert np.mean(hits) > said - 4 * np.sqrt(said * (1 - said) / count) - 0.02, name
    assert np.mean([classifier.card["accuracy"][name] for name in classifier.combination]) > 0.9


def test_what_it_sees_in_an_icon_does_not_depend_on_the_icons_beside_it(classifier: AttributeClassifier) -> None:
    images = artist.icons(25_000_000, 20)
    together, alone = classifier.look(images), classifier.look(images[7:8])
    assert np.allclose(together.features[7], alone.features[0], atol=1e-4)
    assert np.array_equal(together.labels[7], alone.labels[0])
    assert ((together.confidence > 0) & (together.confidence <= 1)).all()


def test_a_damaged_or_missing_classifier_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match=r"train_classifier"):
        AttributeClassifier.load(tmp_path / "none.safetensors")
    weights = tmp_path / "bad.safetensors"
    weights.write_bytes(SHIPPED.read_bytes()[:-100])
    shutil.copy(SHIPPED.with_suffix(".json"), weights.with_suffix(".json"))
    with pytest.raises(MetricsError) as raised:
        AttributeClassifier.load(weights)
    assert "\n" not in str(raised.value)
    shutil.copy(SHIPPED, weights)
    card = json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))
    card["attributes"].popitem()
    weights.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(MetricsError, match=r"bad\.safetensors cannot be used"):
        AttributeClassifier.load(weights)
