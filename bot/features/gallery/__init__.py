"""Favourites: adding, listing, naming, exporting, and the best of a server."""
