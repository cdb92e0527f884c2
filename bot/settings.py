"""The bot's settings, typed, from the environment and `.env`; `.env.example` documents each.

`bot/__main__.py` creates them once and passes them on. Nothing is read at import.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.localtime.due_dates import UnknownZone, load_zone
from bot.localtime.times import parse_time
from bot.store.database_url import secrets_in
from gan.errors import MAY_PASS, MeliconError
from gan.shipped import DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ENV_FILE = Path(".env")


class ConfigError(MeliconError):
    """The configuration prevents the start; the message is one line with the remedy."""


class UnreachableError(ConfigError):
    """Discord or the network is unreachable."""

    exit_code = MAY_PASS


class Settings(BaseSettings):
    """The settings; the upper-case field names are the environment variables."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    discord_token: SecretStr | None = Field(None, description="The bot's token")
    discord_api_url: str | None = Field(None, description="REST root of a Discord-compatible server")
    discord_gateway_url: str | None = Field(None, description="Gateway of a Discord-compatible server")
    discord_cdn_url: str | None = Field(None, description="CDN of a Discord-compatible server")
    admin_guild_id: int | None = Field(None, gt=0, description="The server with the owner's commands")
    owner_ids: Annotated[tuple[int, ...] | None, NoDecode] = Field(None, description="User ids of the bot's owners")
    sync_commands: Literal["changed", "always", "never"] = Field("changed", description="When to register commands")
    shard_ids: Annotated[tuple[int, ...] | None, NoDecode] = Field(None, description="This process's shards")
    shard_count: int | None = Field(None, ge=1, description="Total shards of all processes")

    data_dir: Path = Field(Path("data"), description="The only folder the bot writes to")
    database_url: SecretStr | None = Field(None, description="SQLAlchemy URL; a SQLite file in DATA_DIR if unset")
    weights: Path = Field(DEFAULT_WEIGHTS, description="The model's weights")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    icon_size: int = Field(512, ge=64, le=2048, description="Size of posted pictures in pixels")
    # leave one core for the event loop, the database and the network
    draw_threads: int = Field(min(4, max(1, (os.cpu_count() or 1) - 1)), ge=1, le=64)
    cache_mib: int = Field(64, ge=0, le=65536, description="Picture cache, in MiB")
    cooldown_burst: int = Field(8, ge=1, le=1000, description="Burst of icons a user may request")
    cooldown_seconds: float = Field(2.0, ge=0, le=3600, description="Seconds until one more request is allowed")
    shutdown_grace: float = Field(20.0, ge=0, le=600, description="Seconds from a shutdown signal to the exit")

    daily_channel_id: int | None = Field(None, gt=0, description="Channel of the icon of the day")
    daily_time: str = Field("09:00", description="Its local time")
    daily_timezone: str = Field("UTC", description="Its time zone, for example Europe/Paris")
    daily_language: Literal["en", "fr", "ja"] | None = Field(None, description="Its language")
    daily_catch_up_hours: float = Field(24.0, ge=0, le=24, description="How late a missed icon may be posted")
    daily_rate: float = Field(40.0, ge=0.1, le=50, description="Daily posts a second, of all processes")

    fediverse_url: str | None = Field(None, description="A Mastodon-compatible server")
    fediverse_token: SecretStr | None = Field(None, description="Access token of the account there")
    fediverse_poll_seconds: float = Field(15.0, ge=1, le=3600, description="Seconds between looks for mentions")
    fediverse_daily: bool = Field(True, description="Whether the icon of the day is posted there")
    fediverse_visibility: Literal["public", "unlisted"] = Field("public", description="Who sees that post")

    retrain_threads: int = Field(max(1, os.cpu_count() or 1), ge=1, le=256, description="CPU threads for training")
    retrain_memory_mib: int = Field(4096, ge=256, le=2**20, description="Memory limit for training, in MiB")
    retrain_niceness: int = Field(5, ge=0, le=19, description="Niceness of training")
    retrain_ends_with_bot: bool = Field(False, description="Whether training stops with the bot")

    http_port: int | None = Field(None, ge=0, le=65535, description="Port for /healthz, /readyz and /metrics")
    http_host: str = Field("127.0.0.1", description="Address of that port")
    log_format: Literal["text", "json"] = Field("text", description="Format of the log")

    try_port: int = Field(8765, ge=0, le=65535, description="Port of `melicon try`; 0: any free port")

    @field_validator("discord_api_url", "discord_gateway_url", "discord_cdn_url", "fediverse_url")
    @classmethod
    def _check_url(cls, value: str | None, info: Any) -> str | None:
        schemes = ("ws://", "wss://") if info.field_name == "discord_gateway_url" else ("http://", "https://")
        if value is not None and not value.startswith(schemes):
            raise ValueError(f"must begin with {' or '.join(schemes)}")
        return value.rstrip("/") if value else None

    @field_validator("shard_ids", "owner_ids", mode="before")
    @classmethod
    def _split_numbers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(int(part) for part in value.split(","))
        except ValueError:
            raise ValueError("must be comma-separated numbers, for example 0,1") from None

    @field_validator("owner_ids")
    @classmethod
    def _check_owners(cls, value: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if value is not None and not all(0 < user < 2**63 for user in value):
            raise ValueError("must be user ids: right-click a user, Copy User ID (in developer mode)")
        return value

    @field_validator("daily_time")
    @classmethod
    def _check_time(cls, value: str) -> str:
        if parse_time(value) is None:
            raise ValueError("must be a time of day, for example 09:00")
        return value

    @field_validator("daily_timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            return load_zone(value).key
        except UnknownZone:
            raise ValueError("must be a time zone of the IANA database, for example Europe/Paris") from None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_shards(self) -> Self:
        if self.shard_ids is not None:
            if self.shard_count is None:
                raise ValueError("SHARD_IDS needs SHARD_COUNT, the total of all processes")
            if any(not 0 <= shard < self.shard_count for shard in self.shard_ids):
                raise ValueError(f"SHARD_IDS must be from 0 to SHARD_COUNT - 1, here {self.shard_count - 1}")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be logged."""
        tokens = tuple(token.get_secret_value() for token in (self.discord_token, self.fediverse_token) if token)
        return tokens + (secrets_in(self.database_url.get_secret_value()) if self.database_url else ())


def load_settings(env_file: Path = ENV_FILE, **overrides: Any) -> Settings:
    """Read the environment and `env_file` (which may be missing); `overrides` win, then the environment.

    Raises `ConfigError` with a line for each invalid setting and its source.
    """
    try:
        # utf-8-sig: Windows editors may write a byte order mark
        written = dotenv_values(env_file, encoding="utf-8-sig") if env_file.is_file() else {}
        unknown = [_unknown(name, env_file) for name in written if name.lower() not in Settings.model_fields]
        settings = Settings(_env_file=env_file, _env_file_encoding="utf-8-sig", **overrides)  # type: ignore[call-arg]  # known at run time only
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise ConfigError("\n".join([*(_explain(one, env_file) for one in found), *filter(None, unknown)])) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{env_file} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{env_file} cannot be read: {error.strerror}.") from None
    if misspelt := [line for line in unknown if line]:
        raise ConfigError("\n".join(misspelt))
    return settings


def _unknown(name: str, env_file: Path) -> str:
    """Return the message for an unknown name in `env_file`; "" if it resembles no setting.

    Other programs, such as Docker, may read variables from the same file.
    """
    nearest = difflib.get_close_matches(name.upper(), [field.upper() for field in Settings.model_fields], 1, 0.75)
    return f"{name} in {env_file} is not a setting: did you mean {nearest[0]}? (see .env.example)" if nearest else ""


def _explain(error: ErrorDetails, env_file: Path) -> str:
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"{reason} (see .env.example)"
    name = str(error["loc"][0]).upper()
    secret = name in {"DISCORD_TOKEN", "DATABASE_URL", "FEDIVERSE_TOKEN"}
    shown = "" if secret else f" {str(error['input'])[:60]!r}"
    reason = reason[:1].lower() + reason[1:]
    return f"{name}{shown} from {_origin(name, env_file)} is not valid: {reason} (see .env.example)"


def _origin(name: str, env_file: Path) -> str:
    if any(key.upper() == name for key in os.environ):
        return "the environment"
    if env_file.is_file() and any(key.upper() == name for key in dotenv_values(env_file, encoding="utf-8-sig")):
        return str(env_file)
    return "the command line"
