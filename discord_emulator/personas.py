"""The default users and server: an owner, a moderator, a member and a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.model import Guild, Member, Overwrite, Role, User
from discord_emulator.permissions import EVERYONE, Permission
from discord_emulator.snowflakes import SnowflakeMaker, born_at
from discord_emulator.world import World, make_token

if TYPE_CHECKING:
    from collections.abc import Callable

# The usual permissions of a bot that posts pictures, may add emojis and stickers and may change the server's icon.
BOT_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CREATE_GUILD_EXPRESSIONS
    | Permission.MANAGE_GUILD
)

WELCOME = (
    "**Welcome!** This is a small Discord on your own machine; nothing leaves it.\n"
    "Type `/` and choose **melicon** to have an icon drawn: give it a number or any word as its seed, "
    "or none at all. Then press the buttons below the icon.\n"
    "You can act as four different people: the owner of the bot, a moderator, a member and a stranger."
)


def build_world(clock: Callable[[], float], *, token: str | None = None, bot_permissions: int | None = None) -> World:
    """Create the default world: a server with three text channels, four users and the bot."""
    make_id = SnowflakeMaker(clock)
    application_id = make_id()
    bot = User(application_id, "Melicon", "Melicon", standing="bot")
    owner = User(make_id(), "mel", "Mel", "en-US", "owner")
    people = [
        owner,
        User(make_id(), "juno", "Juno", "en-GB", "moderator"),
        User(make_id(), "taro", "Taro", "ja", "member"),
        User(make_id(), "camille", "Camille", "fr", "stranger"),
    ]
    world = World(application_id, "Melicon", bot, owner, token or make_token(application_id), make_id)
    world.users = {user.id: user for user in [bot, *people]}
    permissions = BOT_PERMISSIONS if bot_permissions is None else bot_permissions
    guild = add_guild(world, "Icon Club", people, permissions)
    world.add_channel(guild, "icons", "New icons")
    world.add_channel(guild, "fanart", "Yours and everyone's")
    quiet = world.add_channel(guild, "read-only", "Announcements: only the owner may post here")
    quiet.overwrites[guild.id] = Overwrite(deny=int(Permission.SEND_MESSAGES))
    return world


def add_guild(world: World, name: str, people: list[User], bot_permissions: int) -> Guild:
    """Add a server owned by the first of `people`, with the bot as a member and no channels."""
    guild = Guild(world.make_id(), name, owner_id=people[0].id)
    guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE, position=0)
    managing = Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES | Permission.CREATE_GUILD_EXPRESSIONS
    moderators = world.add_role(guild, "Moderators", int(managing))
    members = world.add_role(guild, "Members", 0)
    own = world.add_role(guild, world.bot.name, bot_permissions, managed_by=world.bot.id)
    roles = {"owner": [], "moderator": [moderators.id], "member": [members.id], "stranger": [], "bot": [own.id]}
    joined = born_at(guild.id)
    for user in [*people, world.bot]:
        guild.members[user.id] = Member(user, joined, list(roles[user.standing]))
    world.guilds[guild.id] = guild
    return guild
