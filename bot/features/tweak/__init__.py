"""`/tweak`: latent edits of an icon."""
