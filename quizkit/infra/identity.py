"""Accounts: players may sign themselves up, hosts are members of a group.

The e-mail address is the only way back into an account, and its owner must have confirmed
it. The client has no secret, since it runs on players' machines.
"""

from __future__ import annotations

from aws_cdk import aws_cognito as cognito
from constructs import Construct

from quizkit.infra.findings import acknowledge
from quizkit.infra.naming import Names
from quizkit.infra.settings import Settings
from quizkit.infra.storage import keep_if

HOSTS_GROUP = "hosts"
_ACCEPTED = {
    "AwsSolutions-COG1": "Eight characters with lower case, upper case and digits are promised;"
    " a symbol more is what people cannot type on a phone in class.",
    "AwsSolutions-COG2": "Players sign in for a quiz of ten minutes. Hosts may be asked for a"
    " second factor by whoever runs the stage; the deployment itself needs AWS credentials.",
    "AwsSolutions-COG8": "The plus plan is charged by the user; what it adds, watching for"
    " stolen passwords, a quiz does not warrant.",
}


class Identity(Construct):
    """`pool_id` and `client_id`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: Settings
    ) -> None:
        super().__init__(scope, construct_id)
        pool = cognito.CfnUserPool(
            self,
            "Pool",
            user_pool_name=names.stack,
            alias_attributes=["email"],
            username_configuration=cognito.CfnUserPool.UsernameConfigurationProperty(
                case_sensitive=False
            ),
            auto_verified_attributes=["email"],
            user_attribute_update_settings=cognito.CfnUserPool.UserAttributeUpdateSettingsProperty(
                attributes_require_verification_before_update=["email"]
            ),
            schema=[
                cognito.CfnUserPool.SchemaAttributeProperty(
                    name="email", required=True, mutable=True
                )
            ],
            admin_create_user_config=cognito.CfnUserPool.AdminCreateUserConfigProperty(
                allow_admin_create_user_only=False
            ),
            account_recovery_setting=cognito.CfnUserPool.AccountRecoverySettingProperty(
                recovery_mechanisms=[
                    cognito.CfnUserPool.RecoveryOptionProperty(name="verified_email", priority=1)
                ]
            ),
            policies=_passwords(),
            verification_message_template=(
                cognito.CfnUserPool.VerificationMessageTemplateProperty(
                    default_email_option="CONFIRM_WITH_CODE",
                    email_subject="Your quizkit code",
                    email_message="Your code is {####}.",
                )
            ),
            deletion_protection="ACTIVE" if settings.protected else "INACTIVE",
        )
        keep_if(pool, protected=settings.protected)
        acknowledge(pool, _ACCEPTED)
        client = cognito.CfnUserPoolClient(
            self,
            "Client",
            user_pool_id=pool.ref,
            client_name=names.stack,
            generate_secret=False,
            explicit_auth_flows=[
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
            # An unknown name and a wrong password look the same from outside.
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
        )
        keep_if(client, protected=settings.protected)
        group = cognito.CfnUserPoolGroup(
            self,
            "Hosts",
            user_pool_id=pool.ref,
            group_name=HOSTS_GROUP,
            description="May create quizzes and run sessions",
            precedence=1,
        )
        keep_if(group, protected=settings.protected)
        self.pool_id = pool.ref
        self.client_id = client.ref


def _passwords() -> cognito.CfnUserPool.PoliciesProperty:
    return cognito.CfnUserPool.PoliciesProperty(
        password_policy=cognito.CfnUserPool.PasswordPolicyProperty(
            minimum_length=8,
            require_lowercase=True,
            require_uppercase=True,
            require_numbers=True,
            require_symbols=False,
            temporary_password_validity_days=7,
        )
    )
