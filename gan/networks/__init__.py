"""The networks. ``Generator`` and ``Discriminator`` are the article's pair (`gan.networks.sagan`)."""

from gan.networks.sagan import Discriminator, Generator

__all__ = ["Discriminator", "Generator"]
