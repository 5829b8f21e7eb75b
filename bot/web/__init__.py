"""The pages and the REST interface; the app and the server come in."""
