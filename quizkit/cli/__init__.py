"""The command line: registration, one module a command group, one renderer, one exit mapping."""
