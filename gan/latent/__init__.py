"""Latents: from an icon code, between icons, and along the axes that edits move."""
