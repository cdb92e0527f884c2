"""Favourites: adding, listing, naming, exporting, and a server's most popular."""
