"""The parts of the handler host, the process that runs all functions of the local platform."""
