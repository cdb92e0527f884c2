"""`/grid`, variations and the menu to pick an icon from a sheet."""
