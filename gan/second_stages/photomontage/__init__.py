"""Photomontage: the second stage of learned styles, which composes icons from the style's own pictures.

The generator determines what an icon shows: its 64×64 picture is the guide. Each cell of the icon takes its pixels from
one of the training pictures, so lines are as sharp as in the originals. The assignment is a labelling problem on a grid
(`costs`), solved by alpha-expansion with minimum cuts (`labelling`, `mincut`): pieces should resemble the guide, and
neighbouring pieces should agree along the seam.

References: Agarwala et al., "Interactive Digital Photomontage", SIGGRAPH 2004; Kwatra et al., "Graphcut Textures",
SIGGRAPH 2003; Boykov, Veksler, Zabih, "Fast Approximate Energy Minimization via Graph Cuts", PAMI 2001.

All arithmetic is on integers, so the same guide and pictures give the same pixels on every machine.
"""

from gan.second_stages.photomontage.recipe import Recipe
from gan.second_stages.photomontage.sources import MAX_SOURCES, SourcePictures
from gan.second_stages.photomontage.stage import Montage, Photomontage

__all__ = ["MAX_SOURCES", "Montage", "Photomontage", "Recipe", "SourcePictures"]
