"""Our engine beside JavaRosa, ODK's own: the same form, the same steps, every event compared."""
