"""Icons over HTTP: `melicon serve`."""
