"""The web chat: `channel` is the port, `reading` its pure part, `page` what is shown, `bells` who waits for news.

The app takes `channel`."""
