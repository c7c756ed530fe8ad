"""What this machine, the account and the stage need, each a check with its fix.

    machine     Python, the extra `deploy` and its Node, the project file, directories, the keyring
    account     credentials, clock, region, services, the limits and settings of an AWS account
    stage       the deployed stack and its HTTP API
    attempts    a check that raises or does not end is a finding, too

Facts are gathered where they are known already (`sdk.deploy`, `sdk.target`, `sdk.project`);
here they are judged. Checks only read. What the local platform needs is in
`quizkit.local.checks`; `quizkit doctor` puts all of them together.
"""

from quizkit.sdk.checks.model import Check, Command

__all__ = ["Check", "Command"]
