"""`/daily`: subscribe a server's channel to the icon of the day; for server managers."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.daily.best import best_message, best_of
from bot.features.daily.description import described, icon_problem
from bot.features.daily.icons import DateIcons
from bot.features.daily.message import daily_message
from bot.features.daily.server_icons import Outcome, ServerIcons
from bot.features.daily.zone_search import ZoneFinder
from bot.i18n import LANGUAGE_NAMES
from bot.i18n.dates import month_name, parse_month
from bot.localtime.due_dates import Schedule
from bot.localtime.times import parse_time
from bot.store import DailySubscription
from bot.ui.permissions import channel_permissions, managed_server, missing_permissions
from bot.ui.posting import defer_ephemeral
from bot.ui.server import server_of
from bot.ui.text import quoted

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

    Interaction = discord.Interaction[MeliconBot]
    Choices = list[app_commands.Choice[str]]

log = logging.getLogger(__name__)

_MOST_CHOICES = 25  # Discord's limit
_MOST_ZONES = 6  # in a message
_LONGEST = 100  # longest accepted time, zone or month


class Daily(commands.Cog):
    """The icon of the day."""

    group = app_commands.Group(
        name="daily",
        description=locale_str("The icon of the day", key="command.daily.description"),
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot
        self._zones = ZoneFinder()

    @group.command(
        name="set",
        description=locale_str("Post an icon every day at a given time", key="command.daily.set.description"),
        extras={"cost": SMALL},
    )
    @app_commands.describe(
        channel=locale_str("The channel to post in", key="command.daily.set.channel.description"),
        time=locale_str("When, for example 9:00, 21h30 or 9am", key="command.daily.set.time.description"),
        timezone=locale_str(
            "A city, a country, UTC+9 or the current local time", key="command.daily.set.timezone.description"
        ),
        role=locale_str("A role to ping", key="command.daily.set.role.description"),
        message=locale_str("Your own text above the icon", key="command.daily.set.message.description"),
        language=locale_str(
            "The language of the post; your server’s if left out", key="command.daily.set.language.description"
        ),
        server_icon=locale_str("Also make it the server’s icon", key="command.daily.set.server_icon.description"),
        monthly=locale_str("Also post the best icons of each month", key="command.daily.set.monthly.description"),
    )
    @app_commands.choices(
        language=[app_commands.Choice(name=name, value=code) for code, name in LANGUAGE_NAMES.items()]
    )
    async def subscribe(  # noqa: PLR0917 - the command's options
        self,
        interaction: Interaction,
        channel: discord.TextChannel,
        time: str,
        timezone: str,
        role: discord.Role | None = None,
        message: app_commands.Range[str, 1, 200] | None = None,
        language: str | None = None,
        server_icon: bool | None = None,
        monthly: bool | None = None,
    ) -> None:
        """Subscribe the server, starting at the next occurrence of `time`."""
        guild_id = managed_server(interaction)
        minute = parse_time(time[:_LONGEST])
        if minute is None:
            raise Refusal("daily.time", asked=quoted(time))
        await defer_ephemeral(interaction)
        zone = await self._find_zone(timezone)
        current = await self._check_owner(guild_id)
        words = self.bot.words(interaction)
        if server_icon and not interaction.app_permissions.manage_guild:
            raise Refusal("daily.icon.permission", missing=f"**{words('permission.manage_guild')}**")
        await self._check_channel(words, guild_id, channel, role)
        schedule = Schedule(minute, zone)
        next_date, next_at = schedule.first_after(self.bot.clock())
        subscription = DailySubscription(
            guild_id=guild_id,
            channel_id=channel.id,
            minute=minute,
            timezone=zone,
            role_id=role.id if role else None,
            message=" ".join(message.split()) if message else None,
            # only Community servers report a language
            locale=language or str(interaction.guild_locale or interaction.locale),
            set_by=interaction.user.id,
            next_date=next_date,
            next_at=next_at,
            server_icon=bool(current and current.server_icon) if server_icon is None else server_icon,
            monthly=bool(current and current.monthly) if monthly is None else monthly,
        )
        await self.bot.store.subscriptions.put(subscription, schedule.following)
        server = await server_of(interaction)
        lines = [words("daily.set"), described(words, subscription, server)]
        if not subscription.server_icon:
            lines += await self._restore_icon(words, guild_id)
        await interaction.edit_original_response(content="\n".join(lines))

    @group.command(
        name="off",
        description=locale_str("Stop posting the icon of the day", key="command.daily.off.description"),
        extras={"cost": SMALL},
    )
    async def unsubscribe(self, interaction: Interaction) -> None:
        """End the server's subscription."""
        guild_id = managed_server(interaction)
        await defer_ephemeral(interaction)
        await self._check_owner(guild_id)
        gone = await self.bot.store.subscriptions.remove(guild_id)
        words = self.bot.words(interaction)
        lines = [words("daily.off") if gone else words("daily.none"), *await self._restore_icon(words, guild_id)]
        await interaction.edit_original_response(content="\n".join(lines))

    @group.command(
        name="show",
        description=locale_str("When and where the icon is posted", key="command.daily.show.description"),
        extras={"cost": SMALL},
    )
    async def show(self, interaction: Interaction) -> None:
        """Show the server's subscription."""
        guild_id = managed_server(interaction)
        await defer_ephemeral(interaction)
        words = self.bot.words(interaction)
        subscription = await self.bot.store.subscriptions.get(guild_id)
        if subscription is None:
            raise Refusal("daily.none")
        lines = [described(words, subscription, await server_of(interaction))]
        latest = await self.bot.store.claims.latest(guild_id)
        if latest is not None and latest.message_id is not None:
            link = f"https://discord.com/channels/{guild_id}/{latest.channel_id}/{latest.message_id}"
            lines.append(words("daily.latest", link=link))
        icon = await self.bot.store.server_icons.get(guild_id) if subscription.server_icon else None
        if icon is not None and (problem := icon_problem(words, icon)):
            lines.append(problem)
        if subscription.set_by is None:
            lines.append(words("daily.owner"))
        await interaction.edit_original_response(content="\n".join(lines))

    @group.command(name="now", description=locale_str("Preview today’s icon", key="command.daily.now.description"))
    async def now(self, interaction: Interaction) -> None:
        """Show the user today's post privately."""
        guild_id = managed_server(interaction)
        await defer_ephemeral(interaction)
        subscription = await self.bot.store.subscriptions.get(guild_id)
        schedule = Schedule(0, subscription.timezone if subscription else "UTC")
        today = schedule.local_date(self.bot.clock())
        drawing = await self.bot.service(DateIcons).get(today)
        server = await server_of(interaction)
        locale = server.locale or (subscription.locale if subscription else interaction.locale)
        words = self.bot.catalogues.words(locale)
        message = daily_message(drawing, words, today, server.shown(drawing.pinned), subscription)
        await interaction.followup.send(**message, ephemeral=True)

    @group.command(
        name="best",
        description=locale_str("The icons of a month with the most ⭐", key="command.daily.best.description"),
    )
    @app_commands.describe(
        month=locale_str("For example 2026-11; this month if left out", key="command.daily.best.month.description")
    )
    async def best(self, interaction: Interaction, month: str | None = None) -> None:
        """Post the server's most starred icons of a month."""
        guild_id = interaction.guild_id
        if guild_id is None:
            raise Refusal("server.only")
        first = await self._this_month(guild_id) if month is None else parse_month(month[:_LONGEST])
        if first is None:
            raise Refusal("daily.month", asked=quoted(month or ""))
        words = self.bot.words(interaction)
        found = await best_of(self.bot, guild_id, first)
        if not found:
            raise Refusal("daily.best.none", month=month_name(words, first))
        await interaction.response.defer(thinking=True)  # for everyone, as the post itself
        server = await server_of(interaction)
        words = self.bot.catalogues.words(server.locale or interaction.locale)
        await interaction.followup.send(**await best_message(self.bot, server, words, first, found))

    @subscribe.autocomplete("timezone")
    async def _suggest_zones(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest time zones by city, country or current local time."""
        search, now = self._zones.search, self.bot.clock()
        found = await asyncio.to_thread(search, typed[:_LONGEST], now, language=str(interaction.locale))
        return [app_commands.Choice(name=zone.shown, value=zone.zone) for zone in found]

    @best.autocomplete("month")
    async def _suggest_months(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest months that have stars."""
        try:
            words = self.bot.words(interaction)
            days = await self.bot.store.stars.starred_dates(interaction.guild_id or 0)
            months = {day.strftime("%Y-%m"): month_name(words, day) for day in days}
            wanted = typed[:_LONGEST].strip().casefold()
            fitting = [(v, n) for v, n in months.items() if wanted in v or wanted in n.casefold()]
            return [app_commands.Choice(name=name, value=value) for value, name in fitting[:_MOST_CHOICES]]
        except Exception:
            # an empty list instead of Discord's "loading options failed"; a month can still be typed
            log.exception("no months for server %s", interaction.guild_id)
            return []

    async def _find_zone(self, typed: str) -> str:
        """Return the time zone a person typed; refuse if it is unknown or ambiguous."""
        now = self.bot.clock()
        zone = await asyncio.to_thread(self._zones.canonical, typed[:100], now)
        if zone is not None:
            return zone
        several = await asyncio.to_thread(self._zones.candidates, typed[:100], now)
        if several:
            zones = ", ".join(f"`{name}`" for name in several[:_MOST_ZONES])
            raise Refusal("daily.timezone.several", asked=quoted(typed), zones=zones)
        raise Refusal("daily.timezone", asked=quoted(typed))

    async def _this_month(self, guild_id: int) -> date:
        subscription = await self.bot.store.subscriptions.get(guild_id)
        schedule = Schedule(0, subscription.timezone if subscription else "UTC")
        return schedule.local_date(self.bot.clock()).replace(day=1)

    async def _restore_icon(self, words: Words, guild_id: int) -> list[str]:
        """Restore the server's own icon if the bot has changed it; return what to say about it."""
        outcome = await self.bot.service(ServerIcons).restore(guild_id)
        if outcome is Outcome.NOTHING:
            return []
        return [words(f"daily.icon.{outcome.value}", missing=f"**{words('permission.manage_guild')}**")]

    async def _check_owner(self, guild_id: int) -> DailySubscription | None:
        """Return the subscription; refuse a change that the owner's settings would revert at the next start."""
        current = await self.bot.store.subscriptions.get(guild_id)
        if current is not None and current.set_by is None:
            raise Refusal("daily.owner")
        return current

    async def _check_channel(
        self, words: Words, guild_id: int, channel: discord.TextChannel, role: discord.Role | None
    ) -> None:
        """Refuse if the bot lacks permission to post or ping."""
        held = await channel_permissions(self.bot, guild_id, channel.id)
        if missing := missing_permissions(held):
            names = ", ".join(f"**{words(f'permission.{name}')}**" for name in missing)
            raise Refusal("daily.permissions", channel=channel.mention, missing=names)
        if role is not None and role.id == guild_id:
            raise Refusal("daily.everyone")
        if role is not None and not (role.mentionable or held.mention_everyone):
            raise Refusal("daily.role", role=role.mention)
