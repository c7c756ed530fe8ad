"""The functions as data: what the table promises before anything is synthesised."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from quizkit.infra.function_table import FUNCTIONS, FunctionSpec

BY_NAME = {spec.name: spec for spec in FUNCTIONS}


def actions_on(spec: FunctionSpec, resource: str) -> set[str]:
    """What a function may do with a resource."""
    return {a for grant in spec.grants if grant.resource == resource for a in grant.actions}


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_every_function_has_a_handler_module(spec: FunctionSpec) -> None:
    """A row without code would deploy and fail at its first event."""
    module, _, attribute = spec.handler.rpartition(".")
    assert attribute == "handler"
    assert find_spec(module) is not None


def test_names_are_unique() -> None:
    """One row a function."""
    assert len(BY_NAME) == len(FUNCTIONS)


def test_nothing_scans_and_nothing_is_granted_by_wildcard() -> None:
    """S4: no scan on any path; actions are spelled out."""
    for spec in FUNCTIONS:
        for grant in spec.grants:
            assert not any("*" in action or action.endswith("Scan") for action in grant.actions)


def test_only_control_and_admin_can_read_the_answer_keys() -> None:
    """P3 by permission: intake, boards and sockets have no way to learn what is right."""
    assert {s.name for s in FUNCTIONS if actions_on(s, "keys")} == {"control", "admin"}
    assert {s.name for s in FUNCTIONS if "KEYS_TABLE" in s.env} == {"control", "admin"}
    assert {s.name for s in FUNCTIONS if actions_on(s, "salts")} == {"control", "admin"}


def test_what_commits_to_a_key_cannot_change_it() -> None:
    """A session's salt is drawn by control, a quiz's key written by admin, neither by both."""
    writes = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}

    def writers(table: str) -> dict[str, set[str]]:
        found = {
            s.name: {a.split(":")[1] for a in actions_on(s, table)} & writes for s in FUNCTIONS
        }
        return {name: actions for name, actions in found.items() if actions}

    assert writers("keys").keys() == {"admin"}
    assert writers("salts") == {"control": {"PutItem"}}


def test_answers_are_written_by_intake_alone_and_never_changed() -> None:
    """P1: put-if-absent is the only write there is."""
    writes = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
    for spec in FUNCTIONS:
        writing = {a.split(":")[1] for a in actions_on(spec, "answers")} & writes
        assert writing == ({"PutItem"} if spec.name == "answer" else set())


def test_only_functions_beside_the_cache_use_it() -> None:
    """A function outside the VPC could not reach it, one inside has no other reason to be."""
    for spec in FUNCTIONS:
        assert bool(actions_on(spec, "cache")) is spec.vpc
        assert ("REDIS_HOST" in spec.env) is spec.vpc


def test_functions_in_the_vpc_call_nothing_but_tables_and_cache() -> None:
    """There is no NAT: any other AWS API would hang from inside."""
    for spec in FUNCTIONS:
        if spec.vpc:
            services = {action.split(":")[0] for grant in spec.grants for action in grant.actions}
            assert services <= {"dynamodb", "elasticache", "s3"}


def test_a_table_is_named_exactly_where_it_is_used() -> None:
    """A name without permission, or the reverse, is a mistake in a row."""
    for spec in FUNCTIONS:
        named = {name.removesuffix("_TABLE").lower() for name in spec.env if "_TABLE" in name}
        used = {
            grant.resource
            for grant in spec.grants
            if grant.actions[0].startswith("dynamodb:") and grant.resource != "answers-stream"
        }
        assert named == used, spec.name
