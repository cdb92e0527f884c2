"""Packages and their data; everything else is in pyproject.toml.

The weights are a folder of their own in the checkout. In an installed package they are inside `gan`, where
`gan.shipped` finds them.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["gan*", "bot*", "discord_emulator*"]), "gan.weights"],
    package_dir={"gan.weights": "weights"},
    package_data={
        "gan": ["**/*.svg", "**/*.json", "**/*.toml", "**/*.safetensors"],
        "gan.weights": ["*.safetensors", "*.json", "README.md"],
        "bot": ["**/*.html", "**/*.json", "**/*.mako", "**/*.ini"],
        "discord_emulator": ["**/*.html", "**/*.css", "**/*.js", "**/*.svg"],
    },
)
