"""One module a command group; each has `register(app)`. Heavy imports stay inside commands."""
