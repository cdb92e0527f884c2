"""The loaded models, and which of them draws a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.inference.drawings import DrawError, NoSuchTweak, Sampler, UnknownModel, UnknownStyle
from gan.codes import IconCode
from gan.latent.edits import UnknownTweak, check_tweaks, edit_axes, tweaked


class ModelRegistry:
    """Models by style and hash; the one in use, initially the built-in one, draws codes without a style."""

    def __init__(self, sampler: Sampler) -> None:
        self._samplers: dict[str, Sampler] = {}
        self._models: dict[tuple[str, str], Sampler] = {}  # every model of every style, by short hash
        self._aliases: Mapping[str, str] = {}
        self._built_in = sampler
        self._default = sampler
        self.use(sampler)

    @property
    def built_in(self) -> Sampler:
        """The model the bot was started with."""
        return self._built_in

    @property
    def in_use(self) -> Sampler:
        """The default model."""
        return self._default

    @property
    def style(self) -> str:
        """The default style."""
        return self._default.card.style

    @property
    def styles(self) -> list[str]:
        """All style names, sorted."""
        return sorted(self._samplers)

    @property
    def attributes(self) -> dict[str, list[str]]:
        """The default style's attributes and their values; {} if it has none."""
        return {str(a["name"]): [str(value) for value in a["values"]] for a in self._default.card.attributes}

    def use(self, sampler: Sampler, *, default: bool = True) -> None:
        """Make `sampler` the default; running requests are unaffected."""
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
        """Register `samplers` besides the built-in one; `in_use`, one of them, becomes the default.

        Of several models of a style, the default one, else the last, draws codes that name no model. `aliases` are
        former style names. `former` models draw only codes that name them. Running requests are unaffected.
        """
        everything = [self._built_in, *samplers]
        # on a name clash the built-in style wins; the built-in model is among the former ones
        former_names = {(s.card.style, name): s for s in [*samplers, *former] for name in s.card.names[1:]}
        models = [*samplers, *former, self._built_in]
        self._models = former_names | {(s.card.style, s.card.short_hash): s for s in models}
        self._samplers = {s.card.style: s for s in everything} | {in_use.card.style: in_use}
        self._aliases = dict(aliases)
        self._default = in_use

    def sampler_for(self, code: IconCode) -> Sampler:
        """Return the model for `code`. Raises `UnknownStyle`, `UnknownModel`, `NoSuchTweak`."""
        sampler = self._named(code)
        try:
            check_tweaks(sampler.card, code)
        except UnknownTweak as error:
            raise NoSuchTweak(code, str(error), error.name, list(edit_axes(sampler.card))) from error
        return sampler

    def pin(self, code: IconCode) -> IconCode:
        """Return the pinned form of `code`; raises as `sampler_for`."""
        card = self.sampler_for(code).card
        return code.pinned(card.style, card.short_hash)

    def unpin(self, code: IconCode) -> IconCode:
        """Return the shortest form of `code` drawn by the same model; raises as `pin`.

        It omits the default style, and the model unless that has been replaced.
        """
        pinned = self.pin(code)
        model = self._named(pinned)
        for shorter in (pinned.bare, replace(pinned, model=None)):
            with suppress(UnknownStyle):  # a former model whose style is gone
                if self._named(shorter) is model:
                    return shorter
        return pinned

    def shown(self, code: IconCode) -> str:
        """Return what to type for a pinned `code`; the full code if its model is gone."""
        try:
            return str(self.unpin(code))
        except DrawError:
            return str(code)

    def tweak(self, code: IconCode, name: str, by: int) -> IconCode:
        """Return `code` with `name` moved by `by` steps.

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
            raise UnknownModel(code, f"The model {code.model} of {code.style} no longer exists.")
        return sampler
