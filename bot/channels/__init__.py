"""One file per messaging platform, strangers to one another; the app, the courier and the server come in."""
