"""`/grid`, variations and the menu that picks an icon from a sheet."""
