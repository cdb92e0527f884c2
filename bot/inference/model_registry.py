"""The models that can be drawn with, and which of them draws a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.inference.drawings import DrawError, NoSuchTweak, Sampler, UnknownModel, UnknownStyle
from gan.codes import IconCode
from gan.latent.edits import UnknownTweak, check_tweaks, edit_axes, tweaked


class ModelRegistry:
    """Models by style and by hash; the one in use, at first the built-in one, draws codes that name no style."""

    def __init__(self, sampler: Sampler) -> None:
        self._samplers: dict[str, Sampler] = {}
        self._models: dict[tuple[str, str], Sampler] = {}  # every model of every style, by the first digits of its hash
        self._aliases: Mapping[str, str] = {}
        self._built_in = sampler
        self._default = sampler
        self.use(sampler)

    @property
    def built_in(self) -> Sampler:
        """The model that the bot was started with."""
        return self._built_in

    @property
    def in_use(self) -> Sampler:
        """The model that draws codes that name no style."""
        return self._default

    @property
    def style(self) -> str:
        """The style of codes that name none."""
        return self._default.card.style

    @property
    def styles(self) -> list[str]:
        """Every style that can be drawn in, in alphabetical order."""
        return sorted(self._samplers)

    @property
    def attributes(self) -> dict[str, list[str]]:
        """What the style in use lets one choose: each attribute with its values; {} where that is nothing."""
        return {str(a["name"]): [str(value) for value in a["values"]] for a in self._default.card.attributes}

    def use(self, sampler: Sampler, *, default: bool = True) -> None:
        """Draw with `sampler` from now on, in place of what its style had; what was asked for before stays."""
        self._samplers[sampler.card.style] = sampler
        self._models = {key: s for key, s in self._models.items() if key[0] != sampler.card.style}
        self._models[sampler.card.style, sampler.card.short_hash] = sampler
        if default or self._default.card.style == sampler.card.style:
            self._default = sampler

    def stock(
        self,
        samplers: Sequence[Sampler],
        aliases: Mapping[str, str],
        in_use: Sampler,
        former: Sequence[Sampler] = (),
    ) -> None:
        """Draw in the styles of `samplers` besides the built-in one; `in_use`, one of these, is the one in use.

        Of several models of a style, the one in use or else the last draws codes that name no model. `aliases` are
        names that styles had before. `former` models draw only the codes that name them. What is being drawn goes on.
        """
        everything = [self._built_in, *samplers]
        # where two have the same name, the one that the bot came with has it; the built-in one is among the former
        former_names = {(s.card.style, name): s for s in [*samplers, *former] for name in s.card.names[1:]}
        models = [*samplers, *former, self._built_in]
        self._models = former_names | {(s.card.style, s.card.short_hash): s for s in models}
        self._samplers = {s.card.style: s for s in everything} | {in_use.card.style: in_use}
        self._aliases = dict(aliases)
        self._default = in_use

    def sampler_for(self, code: IconCode) -> Sampler:
        """Return the model that would draw `code` now. Raises `UnknownStyle`, `UnknownModel`, `NoSuchTweak`."""
        sampler = self._named(code)
        try:
            check_tweaks(sampler.card, code)
        except UnknownTweak as error:
            raise NoSuchTweak(code, str(error), error.name, list(edit_axes(sampler.card))) from error
        return sampler

    def pin(self, code: IconCode) -> IconCode:
        """Return the full form of `code`, by the model that would draw it now; raises as `sampler_for`."""
        card = self.sampler_for(code).card
        return code.pinned(card.style, card.short_hash)

    def unpin(self, code: IconCode) -> IconCode:
        """Return the shortest form of `code` that the same model draws now; raises as `pin`.

        That is without its style where it is the one in use, and without its model unless that has been replaced.
        """
        pinned = self.pin(code)
        model = self._named(pinned)
        for shorter in (pinned.bare, replace(pinned, model=None)):
            with suppress(UnknownStyle):  # of a former model whose style is no longer drawn in
                if self._named(shorter) is model:
                    return shorter
        return pinned

    def shown(self, code: IconCode) -> str:
        """Return what a person must type to see a pinned `code` again; all of it where its model is gone."""
        try:
            return str(self.unpin(code))
        except DrawError:
            return str(code)

    def tweak(self, code: IconCode, name: str, by: int) -> IconCode:
        """Return `code` with `name` moved `by` steps on.

        Raises as `pin`, and gan.codes.CodeError for too many tweaks.
        """
        card = self.sampler_for(code).card
        try:
            return tweaked(card, code, name, by)
        except UnknownTweak as error:
            raise NoSuchTweak(code, str(error), error.name, list(edit_axes(card))) from error

    def _named(self, code: IconCode) -> Sampler:
        if code.style is None:
            return self._default
        names = [code.style, self._aliases.get(code.style)]
        if code.model:
            for name in names:
                if name and (exact := self._models.get((name, code.model))):
                    return exact
        sampler = next((self._samplers[name] for name in names if name in self._samplers), None)
        if sampler is None:
            raise UnknownStyle(code, f"There is no style {code.style}; there are: {', '.join(self.styles)}.")
        if code.model:
            raise UnknownModel(code, f"The model {code.model} of {code.style} is not here any more.")
        return sampler
