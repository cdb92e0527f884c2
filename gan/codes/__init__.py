"""Icon codes: short texts that identify icons.

    123                  the icon of seed 123
    naru                 any other word or phrase: its hash is the seed
    123~4                the 4th variation of 123; 123~4~2 the 2nd variation of that
    123x456              halfway between two icons; 123x456@25 a quarter of the way
    123x456@25~3         the 3rd variation of that mix
    123+hair_colour:2    with the hair colour two further in the artist's list; 123~4+eyes:-1+mouth:3 with two tweaks
    123+mouth:1x456      that tweaked icon mixed with another; 123x456+mouth:1@50 with a tweak of the second one
    123/mel              in the style `mel`; 123/mel#0a1b2c3d by one model of it

The meaning of a code never changes. `reading` has the grammar, `parts` the components of a code, `iconcode` the code
itself, and `errors` the exceptions.
"""

from gan.codes.errors import CodeError, StyleMismatch
from gan.codes.grammar import MAX_TEXT
from gan.codes.iconcode import MAX_TWEAKS, IconCode
from gan.codes.parts import MAX_CHAIN, MAX_SEED, MAX_STEPS, MAX_VARIATION, Term, Tweak

__all__ = [
    "MAX_CHAIN",
    "MAX_SEED",
    "MAX_STEPS",
    "MAX_TEXT",
    "MAX_TWEAKS",
    "MAX_VARIATION",
    "CodeError",
    "IconCode",
    "StyleMismatch",
    "Term",
    "Tweak",
]
