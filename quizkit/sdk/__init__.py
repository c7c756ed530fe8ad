"""The client side: targets, administration, live sessions, deployment, file formats.

The names below are the public ones; modules are where they happen to live. A name is
imported when it is first used, so a program pays for what it uses: a player's client
loads neither boto3 nor the deployer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from quizkit.sdk.accounts import Accounts as Accounts
    from quizkit.sdk.accounts import SignIn as SignIn
    from quizkit.sdk.accounts import Stage as Stage
    from quizkit.sdk.accounts import Tokens as Tokens
    from quizkit.sdk.admin import Admin as Admin
    from quizkit.sdk.bot_answers import key_of as key_of
    from quizkit.sdk.bot_profiles import Decision as Decision
    from quizkit.sdk.bot_profiles import Profile as Profile
    from quizkit.sdk.bot_profiles import profiles as profiles
    from quizkit.sdk.bot_records import BotResult as BotResult
    from quizkit.sdk.bot_records import Given as Given
    from quizkit.sdk.bot_records import Progress as Progress
    from quizkit.sdk.bots import BotPlan as BotPlan
    from quizkit.sdk.bots import Troupe as Troupe
    from quizkit.sdk.bots import run_bots as run_bots
    from quizkit.sdk.deploy import outputs as outputs
    from quizkit.sdk.errors import Conflict as Conflict
    from quizkit.sdk.errors import CredentialsError as CredentialsError
    from quizkit.sdk.errors import DeploymentFailed as DeploymentFailed
    from quizkit.sdk.errors import InvalidInput as InvalidInput
    from quizkit.sdk.errors import Misuse as Misuse
    from quizkit.sdk.errors import NotFound as NotFound
    from quizkit.sdk.errors import QuizkitError as QuizkitError
    from quizkit.sdk.errors import Refused as Refused
    from quizkit.sdk.errors import Unreachable as Unreachable
    from quizkit.sdk.formats import LoadedQuiz as LoadedQuiz
    from quizkit.sdk.formats import load as load
    from quizkit.sdk.live import LiveSession as LiveSession
    from quizkit.sdk.live_events import AnswerCount as AnswerCount
    from quizkit.sdk.live_events import Disconnected as Disconnected
    from quizkit.sdk.live_events import Joined as Joined
    from quizkit.sdk.live_events import Leaderboard as Leaderboard
    from quizkit.sdk.live_events import Lobby as Lobby
    from quizkit.sdk.live_events import NewQuestion as NewQuestion
    from quizkit.sdk.live_events import Question as Question
    from quizkit.sdk.live_events import QuestionClosed as QuestionClosed
    from quizkit.sdk.live_events import QuizFinished as QuizFinished
    from quizkit.sdk.live_events import Reconnected as Reconnected
    from quizkit.sdk.live_socket import Patience as Patience
    from quizkit.sdk.player import PlayerApi as PlayerApi
    from quizkit.sdk.rehearsal import RehearsalPlan as RehearsalPlan
    from quizkit.sdk.rehearsal import RehearsalProgress as RehearsalProgress
    from quizkit.sdk.rehearsal import rehearse as rehearse
    from quizkit.sdk.rehearsal_report import RehearsalReport as RehearsalReport
    from quizkit.sdk.target import Target as Target

_HOMES: Final = {
    "accounts": ("Accounts", "SignIn", "Stage", "Tokens"),
    "admin": ("Admin",),
    "bot_answers": ("key_of",),
    "bot_profiles": ("Decision", "Profile", "profiles"),
    "bot_records": ("BotResult", "Given", "Progress"),
    "bots": ("BotPlan", "Troupe", "run_bots"),
    "deploy": ("outputs",),
    "errors": (
        "Conflict",
        "CredentialsError",
        "DeploymentFailed",
        "InvalidInput",
        "Misuse",
        "NotFound",
        "QuizkitError",
        "Refused",
        "Unreachable",
    ),
    "formats": ("LoadedQuiz", "load"),
    "live": ("LiveSession",),
    "live_events": (
        "AnswerCount",
        "Disconnected",
        "Joined",
        "Leaderboard",
        "Lobby",
        "NewQuestion",
        "Question",
        "QuestionClosed",
        "QuizFinished",
        "Reconnected",
    ),
    "live_socket": ("Patience",),
    "player": ("PlayerApi",),
    "rehearsal": ("RehearsalPlan", "RehearsalProgress", "rehearse"),
    "rehearsal_report": ("RehearsalReport",),
    "target": ("Target",),
}
_WHERE: Final = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_WHERE)
