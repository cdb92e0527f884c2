"""Settings come from the environment and .env; a bad one is one line that says which and where from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import ConfigError, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
NO_FILE = Path("no-such.env")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def example_values() -> dict[str, str]:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return dict(m.groups() for line in lines if (m := re.fullmatch(r"#?([A-Z_]+)=(.*)", line)))  # type: ignore[misc]


def test_the_example_documents_every_setting_and_nothing_else() -> None:
    assert set(example_values()) == {name.upper() for name in Settings.model_fields}


def test_the_defaults_shown_in_the_example_are_the_defaults(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in example_values().items()), "utf-8")
    assert load_settings(env) == load_settings(NO_FILE)


def test_the_example_as_it_is_leaves_every_default(tmp_path: Path) -> None:
    assert load_settings(EXAMPLE) == load_settings(NO_FILE)


def test_each_documented_setting_has_a_comment_above_it() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert lines[number - 1].startswith("#"), f"{line} is not explained"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = tmp_path / ".env"
    env.write_text("ICON_SIZE=256\nLOG_LEVEL=debug\n", "utf-8")
    monkeypatch.setenv("ICON_SIZE", "128")
    settings = load_settings(env)
    assert (settings.icon_size, settings.log_level) == (128, "DEBUG")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ICON_SIZE", "big", "valid integer"),
        ("ICON_SIZE", "5", "greater than or equal to 64"),
        ("DRAW_THREADS", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "LOUD", "'DEBUG'"),
        ("DISCORD_API_URL", "discord.com/api", "http://"),
        ("DISCORD_GATEWAY_URL", "https://gateway", "wss://"),
        ("SHARD_IDS", "0;1", "comma-separated"),
        ("OWNER_IDS", "mel, juno", "comma-separated"),
        ("OWNER_IDS", "0", "Copy User ID"),
        ("TRY_PORT", "99999", "65535"),
        ("ADMIN_GUILD_ID", "-1", "greater than 0"),
        ("SHUTDOWN_GRACE", "-1", "greater than or equal to 0"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_its_source(
    name: str, value: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / ".env"
    env.write_text(f"{name}={value}\n", "utf-8")
    with pytest.raises(ConfigError) as from_file:
        load_settings(env)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as from_environment:
        load_settings(NO_FILE)
    for error, source in ((from_file, str(env)), (from_environment, "the environment")):
        message = str(error.value)
        assert "\n" not in message
        assert message.startswith(name)
        assert source in message
        assert says in message


@pytest.mark.parametrize(("ids", "count"), [("0,1", ""), ("0,2", "2")])
def test_shards_that_do_not_fit_are_refused(ids: str, count: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARD_IDS", ids)
    monkeypatch.setenv("SHARD_COUNT", count)
    with pytest.raises(ConfigError, match="SHARD_COUNT"):
        load_settings(NO_FILE)


def test_shards_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARD_IDS", "0, 2")
    monkeypatch.setenv("SHARD_COUNT", "3")
    settings = load_settings(NO_FILE)
    assert (settings.shard_ids, settings.shard_count) == ((0, 2), 3)


def test_the_token_is_not_in_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:very-secret@host/db")
    settings = load_settings(NO_FILE)
    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_an_empty_token_counts_as_unset(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("DISCORD_TOKEN=\n", "utf-8")
    assert load_settings(env).discord_token is None


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b"\xef\xbb\xbfICON_SIZE=128\r\n")
    assert load_settings(env).icon_size == 128


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b"ICON_SIZE=\xff\xfe\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(env)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = tmp_path / ".env"
    env.write_text("ICON_SIZE=big\nLOG_LEVEL=LOUD\nDISCORD_TOKN=secret\nUNRELATED=1\n", "utf-8")
    monkeypatch.setenv("TRY_PORT", "99999")
    with pytest.raises(ConfigError) as error:
        load_settings(env)
    lines = str(error.value).splitlines()
    assert sorted(line.split()[0] for line in lines) == ["DISCORD_TOKN", "ICON_SIZE", "LOG_LEVEL", "TRY_PORT"]
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("DISCORD_TOKN", "DISCORD_TOKEN"), ("discordtoken", "DISCORD_TOKEN"), ("DAILY_TIME_ZONE", "DAILY_TIMEZONE")],
)
def test_a_misspelt_name_in_the_file_is_named_with_the_nearest_there_is(
    name: str, nearest: str, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text(f"{name}=x\n", "utf-8")
    with pytest.raises(ConfigError, match=f"^{name} in .* is not a setting: did you mean {nearest}\\?"):
        load_settings(env)


def test_other_programs_variables_in_the_file_are_left_alone(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("COMPOSE_PROJECT_NAME=icons\nPUID=1000\n", "utf-8")
    assert load_settings(env) == load_settings(NO_FILE)
