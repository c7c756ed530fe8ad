"""What the functions do: load, decide, save, tell."""
