"""Accounts of people: signing up, signing in, and what a sign-in opens.

    Stage       what it takes to reach a stage's user pool; public facts of its outputs
    Accounts    signing up, confirming, signing in by SRP, refreshing, a forgotten password
    Tokens      what a sign-in gives; never shown
    SignIn      a sign-in kept on this machine, refreshed as long as it is used

None of it needs AWS credentials, except `hosts`, which says who may host.
"""

from quizkit.sdk.accounts.client import Accounts as Accounts
from quizkit.sdk.accounts.signin import SignIn as SignIn
from quizkit.sdk.accounts.stages import Stage as Stage
from quizkit.sdk.accounts.tokens import Tokens as Tokens
