"""Live screens: state that events move, shown on a terminal, as lines, or as JSON."""
