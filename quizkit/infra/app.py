"""From settings to a cloud assembly, the same bytes every time.

The template takes the functions' code from the bucket
`quizkit-<stage>-assets-<account>-<region>` under `<hash>.zip`, where the hash is made of the
bundle's content; the assembly holds that file as `asset.<hash>.zip`. Two kinds of deployer can
take it from there:

- ours makes the bucket, uploads what `<stack>.assets.json` lists and applies the template by
  change set; the template has no parameters, no bootstrap version rule and no custom resource;
- `cdk deploy` and `cdk diff` work through `cdk.json` with the caller's own credentials (the
  CLI-credentials synthesizer), also without `cdk bootstrap`, once that bucket exists.

The choice costs the deployment roles that a bootstrapped environment would offer. Synthesis
reads no account, no git, no clock and no environment; metadata that would tell machines apart
(construct paths, versions, the construct tree) is left out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import App

from quizkit.infra import bundle, settings
from quizkit.infra.errors import SettingsError
from quizkit.infra.settings import Settings
from quizkit.infra.stack import QuizStack

# Wins over what the CDK CLI passes, so that `cdk diff` compares like with like. Findings of
# CDK's own template rules are errors here.
_CONTEXT = {
    "@aws-cdk/core:validateAgainstDefaultRules": True,
    "aws:cdk:enable-path-metadata": False,
    "aws:cdk:enable-asset-metadata": False,
    "aws:cdk:version-reporting": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What synthesis wrote: file names inside `directory`."""

    directory: Path
    stack: str
    template: str
    assets: str
    bundle: str

    def as_json(self) -> str:
        """One line for whoever runs synthesis as a subprocess."""
        return json.dumps(
            {
                "stack": self.stack,
                "directory": str(self.directory),
                "template": self.template,
                "assets": self.assets,
                "bundle": self.bundle,
            }
        )


def synthesise(chosen: Settings, out: Path) -> Assembly:
    """Write the cloud assembly of one stage into `out`; raises InfraError."""
    return _synthesise(new_app(out), chosen, out)


def synthesise_from_context(out: Path) -> Assembly:
    """The same for the CDK CLI: `-c stage=dev`, optionally `-c settings='{…}'`."""
    app = new_app(out)
    stage = app.node.try_get_context("stage")
    if not isinstance(stage, str):
        raise SettingsError("no stage: run cdk with -c stage=NAME, or give --stage and --out")
    document = app.node.try_get_context("settings")
    if document is not None and not isinstance(document, (str, Mapping)):
        raise SettingsError("the context value 'settings' must be a JSON object")
    return _synthesise(app, settings.parse(stage, document), out)


def new_app(out: Path) -> App:
    """An application without stacks, whose assembly goes to `out`."""
    return App(
        outdir=str(out),
        analytics_reporting=False,
        tree_metadata=False,
        stack_traces=False,
        post_cli_context=_CONTEXT,
    )


def _synthesise(app: App, chosen: Settings, out: Path) -> Assembly:
    with tempfile.TemporaryDirectory() as drafts:
        stack = QuizStack(app, settings=chosen, bundle=bundle.build(Path(drafts)))
        app.synth()
    return Assembly(
        directory=out,
        stack=stack.stack_name,
        template=f"{stack.stack_name}.template.json",
        assets=f"{stack.stack_name}.assets.json",
        bundle=f"asset.{stack.code_key}",
    )
