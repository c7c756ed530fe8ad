"""What runs behind the gateway: handlers, the services they call, adapters to AWS.

A handler parses an event, calls one service function and shapes the response. A service
gathers through ports, decides with `quizkit.core`, and applies through ports. An adapter
is the only place that knows its vendor. `wiring` puts them together from a mapping of
settings, so nothing is read or opened at import.
"""
