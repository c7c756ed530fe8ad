"""The local platform: MiniStack, Redis and the handler host as processes of this machine.

`quizkit.local.platform` starts and stops them, `quizkit.local.differences` lists everything
that differs from AWS. Importing either needs no extra; starting does (`quizkit[local]`).
"""
