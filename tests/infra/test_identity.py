"""S8: accounts."""

from __future__ import annotations

from tests.infra.synthesis import Template


def test_players_sign_themselves_up_and_verify_their_address(dev: Template) -> None:
    """Sign-in by name or email; the address is verified and is the only way back."""
    pool = dev.only("Cognito::UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert pool["AliasAttributes"] == ["email"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["Schema"] == [{"Name": "email", "Required": True, "Mutable": True}]
    assert pool["AccountRecoverySetting"] == {
        "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]
    }


def test_passwords_have_eight_characters_of_three_kinds(dev: Template) -> None:
    """The contract's policy, no more and no less."""
    policy = dev.only("Cognito::UserPool")["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 8
    assert (policy["RequireLowercase"], policy["RequireUppercase"]) == (True, True)
    assert (policy["RequireNumbers"], policy["RequireSymbols"]) == (True, False)


def test_the_client_has_no_secret_and_both_flows(dev: Template) -> None:
    """It runs on players' machines; unknown names cannot be told from wrong passwords."""
    client = dev.only("Cognito::UserPoolClient")
    assert client["GenerateSecret"] is False
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True


def test_hosts_are_a_group(dev: Template) -> None:
    """The name that the admin function looks for in a token."""
    assert dev.only("Cognito::UserPoolGroup")["GroupName"] == "hosts"


def test_a_protected_stage_keeps_its_accounts(dev: Template, prod: Template) -> None:
    """Accounts are data too."""
    for template, kept, active in ((dev, "Delete", "INACTIVE"), (prod, "Retain", "ACTIVE")):
        [name] = template.of("Cognito::UserPool")
        assert template.resources[name]["DeletionPolicy"] == kept
        assert template.only("Cognito::UserPool")["DeletionProtection"] == active
