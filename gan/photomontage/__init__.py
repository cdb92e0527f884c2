"""The second stage of a learnt style: icons composed of pieces of the style's own pictures.

The generator decides what an icon shows: its 64×64 picture is the guide. Each place of the icon then takes its pixels
from one of the pictures that the style was learnt from, so lines are as crisp as the artist drew them. Which picture
goes where is a labelling problem on a grid (`costs`), solved by alpha-expansion with minimum cuts (`labelling`,
`mincut`): a piece should look like the guide, and two pieces may only meet where their pictures agree.

Sources: Agarwala et al., "Interactive Digital Photomontage", SIGGRAPH 2004; Kwatra et al., "Graphcut Textures",
SIGGRAPH 2003; Boykov, Veksler, Zabih, "Fast Approximate Energy Minimization via Graph Cuts", PAMI 2001.

All arithmetic is on integers, so the same guide and the same pictures give the same pixels on every machine.
"""

from gan.photomontage.recipe import Recipe
from gan.photomontage.sources import MAX_SOURCES, SourcePictures
from gan.photomontage.stage import Montage, Photomontage

__all__ = ["MAX_SOURCES", "Montage", "Photomontage", "Recipe", "SourcePictures"]
