"""The rules of a live quiz: what a quiz is, who scores what, how a session moves.

Everything here is a pure function of its arguments. No clock, no randomness, no
environment and no input or output: callers bring `now` (epoch milliseconds) and ids,
and carry out what the rules decide. Only the standard library is imported, so the same
code runs in a terminal, in a Lambda function and in a test without site-packages.
"""
