"""`/tweak`: changing one attribute of an icon."""
