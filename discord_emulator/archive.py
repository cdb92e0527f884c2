"""Persistence of the world: users and servers, messages, files and the page's key.

One SQLite file, read at startup; every later change is written in order on a separate thread. Ephemeral and pending
messages are not stored: their interactions end with the process.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discord_emulator.attachments import Attachment
from discord_emulator.history import LOADING, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_emulator.errors import Json

log = logging.getLogger(__name__)

FORMAT = 1  # of the schema and its contents
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE messages (id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, author INTEGER NOT NULL, rest TEXT NOT NULL);
CREATE TABLE files (id INTEGER PRIMARY KEY, message INTEGER NOT NULL, rest TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX files_of_a_message ON files (message);
"""
# an id's bytes never change
_PUT_FILE = "INSERT INTO files VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET rest = excluded.rest"


class ArchiveTakenError(Exception):
    """Another process has locked the file."""


class ArchiveUnreadableError(Exception):
    """The file is damaged or has another format."""


FileRow = tuple[int, "Json", bytes]  # id, name and description, bytes
MessageRow = tuple[int, int, int, "Json", list[FileRow]]  # id, channel, author, all else, files


@dataclass
class Contents:
    """A file's contents; `facts` is empty in a new one."""

    facts: dict[str, Any] = field(default_factory=dict)
    messages: list[MessageRow] = field(default_factory=list)


class Archive:
    """An open file. `close` flushes pending writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._broken = False

    @classmethod
    def open(cls, path: Path) -> Archive:
        """Open or create a file. Raises ArchiveTakenError, ArchiveUnreadableError, OSError and sqlite3.Error."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=0.0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA auto_vacuum = FULL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise ArchiveTakenError from None
            if error.sqlite_errorcode in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                raise ArchiveUnreadableError(str(error)) from None
            raise
        if version not in {0, FORMAT}:
            connection.close()
            raise ArchiveUnreadableError(f"it has format {version}, but this program reads {FORMAT}")
        return cls(connection)

    def read(self) -> Contents:
        """Return all contents, messages oldest first. Raises ArchiveUnreadableError."""
        try:
            facts = {name: json.loads(value) for name, value in self._connection.execute("SELECT * FROM facts")}
            files: dict[int, list[FileRow]] = {}
            for number, message, rest, data in self._connection.execute("SELECT * FROM files ORDER BY id"):
                files.setdefault(message, []).append((number, json.loads(rest), data))
            rows = self._connection.execute("SELECT * FROM messages ORDER BY id")
            messages = [(*row[:3], json.loads(row[3]), files.get(row[0], [])) for row in rows]
        except (sqlite3.DatabaseError, ValueError) as error:
            raise ArchiveUnreadableError(str(error)) from None
        return Contents(facts, messages)

    def put_fact(self, name: str, value: Any) -> None:
        """Store a value under a name."""
        text = json.dumps(value)
        self._later(lambda c: c.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, text)))

    def put(self, message: Message) -> None:
        """Store a message's current state with its files."""
        if message.visible_to is not None or message.flags & LOADING:
            return
        rest = {"payload": message.payload, "nonce": message.nonce, "reactions": message.reactions}
        row = (message.id, message.channel.id, message.author.id, json.dumps(rest))
        # copied now: the message may change before the write
        files = [(file.id, message.id, json.dumps(_described(file)), file.data) for file in message.files]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?)", row)
            marks = ", ".join("?" * len(files))
            known = [message.id, *(file[0] for file in files)]
            connection.execute(f"DELETE FROM files WHERE message = ? AND id NOT IN ({marks})", known)  # noqa: S608
            connection.executemany(_PUT_FILE, files)

        self._later(write)

    def drop(self, message: Message) -> None:
        """Delete a message and its files."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM messages WHERE id = ?", (message.id,))
            connection.execute("DELETE FROM files WHERE message = ?", (message.id,))

        self._later(write)

    def drop_file(self, file_id: int) -> None:
        """Delete a file of a remaining message."""
        self._later(lambda c: c.execute("DELETE FROM files WHERE id = ?", (file_id,)))

    def close(self) -> None:
        """Flush pending writes and close the file."""
        self._writer.submit(self._connection.close)
        self._writer.shutdown(wait=True)

    def _later(self, write: Callable[[sqlite3.Connection], Any]) -> None:
        self._writer.submit(self._write, write)

    def _write(self, write: Callable[[sqlite3.Connection], Any]) -> None:
        try:
            self._connection.execute("BEGIN")
            try:
                write(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if not self._broken:
                log.warning("cannot save the try-it mode's chat any more: %s", error)
            self._broken = True


def _described(file: Attachment) -> Json:
    return {"filename": file.filename, "description": file.description}


def open_or_replace(path: Path, check: Callable[[Contents], object]) -> tuple[Archive | None, Contents, str | None]:
    """Open and read a file; return it, its contents and a warning for the user, if any.

    An unreadable file, or one for which `check` raises ArchiveUnreadableError, is moved aside. If the file is locked or
    not writable, nothing is stored.
    """
    try:
        return _open_and_read(path, check)
    except ArchiveTakenError:
        return None, Contents(), f"Another Melicon is using {path}: nothing will be saved in this one."
    except (OSError, sqlite3.Error) as error:
        return None, Contents(), f"Cannot open {path} ({error}): nothing will be saved."


def _open_and_read(path: Path, check: Callable[[Contents], object]) -> tuple[Archive, Contents, str | None]:
    archive = None
    try:
        archive = Archive.open(path)
        contents = archive.read()
        if contents.facts:
            check(contents)
    except ArchiveUnreadableError as error:
        if archive:
            archive.close()
        aside = path.with_name(f"{path.name}.unreadable")
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        notice = f"Cannot read the saved chat ({error}): it was moved to {aside}, and a new one was started."
        return Archive.open(path), Contents(), notice
    return archive, contents, None
