"""Add, list and remove accounts, and change their roles: `retrace user`."""

import click

from ui.cli.output import archive_of, json_option, show

_ROLES = click.Choice(["viewer", "investigator", "operator", "auditor", "admin"])


@click.group()
def user() -> None:
    """Add, list and remove people, and change their roles."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, default="investigator", show_default=True)
@json_option
@click.pass_context
def add(ctx: click.Context, name: str, role: str, as_json: bool) -> None:
    """Add an account.

    Example: retrace user add maria --role admin
    """
    from index.access.accounts import add_person
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    person = add_person(archive, local_person(), name, role)
    show({"user": {"name": person.id, "role": person.role}}, as_json, [f"{person.id} is {person.role}"])


@user.command("list")
@json_option
@click.pass_context
def list_people(ctx: click.Context, as_json: bool) -> None:
    """List all accounts.

    Example: retrace user list
    """
    from index.access.accounts import list_people as find_people
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    found = find_people(archive, local_person())
    document = {"users": [{"name": person.id, "role": person.role} for person in found]}
    show(document, as_json, [f"{person.id}  {person.role}" for person in found] or ["nobody has an account yet"])


@user.command("role")
@click.argument("name")
@click.argument("role", type=_ROLES)
@json_option
@click.pass_context
def role(ctx: click.Context, name: str, role: str, as_json: bool) -> None:
    """Change the role of a person.

    Example: retrace user role maria investigator
    """
    from index.access.accounts import change_role
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    person = change_role(archive, local_person(), name, role)
    show({"user": {"name": person.id, "role": person.role}}, as_json, [f"{person.id} is {person.role}"])


@user.command("remove")
@click.argument("name")
@json_option
@click.pass_context
def remove(ctx: click.Context, name: str, as_json: bool) -> None:
    """Remove an account; the audit keeps what the person did.

    Example: retrace user remove maria
    """
    from index.access.accounts import remove_person
    from index.access.permissions import local_person

    archive = archive_of(ctx)
    remove_person(archive, local_person(), name)
    show({"removed": name}, as_json, [f"{name} has no account any more"])
