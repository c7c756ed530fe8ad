"""The stack: one AWS CDK application, and the bundle its functions run from.

`python -m quizkit.infra` synthesises it; nothing imports this package, since loading the
CDK starts a Node process (seconds that no other command should pay). The rooms:

    settings        what a stage may choose           naming          every physical name and ARN
    bundle          the functions' code, as one zip   function_table  each function, as data
    app, stack      the composition                   readiness       could it run here, and why not
    the rest        a construct a concern

Errors: `InfraError` is the base; `SettingsError` is a stage that cannot be, `BundleError`
an environment from which no trustworthy bundle can be made.
"""
