"""What can go wrong before CloudFormation sees anything.

InfraError
├── SettingsError   a stage name or a setting that cannot be deployed
└── BundleError     the functions' bundle cannot be made from what is installed here
"""


class InfraError(Exception):
    """Base of this package's errors; the message says what, why and the fix."""


class SettingsError(InfraError, ValueError):
    """A stage name or a setting is not acceptable."""


class BundleError(InfraError):
    """A pinned dependency is missing, has another version, or is not what was released."""
