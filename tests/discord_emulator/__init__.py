"""Tests of the emulator: with the real discord.py client, and with a bot that speaks raw HTTP and WebSocket."""
