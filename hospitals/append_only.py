"""The database itself refuses to change or remove audit events: triggers, for SQLite and for PostgreSQL.

Who administers the database can drop them; then the chain of digests tells (``manage.py audit verify``).
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "hospitals_auditevent"
_WORDS = "cannot change the audit log: it is append-only; record a new event instead"
_SQLITE_INSTALL = tuple(
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for verb in ("UPDATE", "DELETE")
)
_SQLITE_REMOVE = ("DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete")
_POSTGRESQL_INSTALL = (
    f"CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$",
    f"CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)
_POSTGRESQL_REMOVE = (
    f"DROP TRIGGER IF EXISTS audit_no_change ON {_TABLE}",
    "DROP FUNCTION IF EXISTS audit_refuse()",
)
_STATEMENTS = {
    "sqlite": (_SQLITE_INSTALL, _SQLITE_REMOVE),
    "postgresql": (_POSTGRESQL_INSTALL, _POSTGRESQL_REMOVE),
}


def install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _STATEMENTS[connection.vendor][0])


def remove(connection: BaseDatabaseWrapper) -> None:
    """For the reverse migration, and for tests that empty the database."""
    _run(connection, _STATEMENTS[connection.vendor][1])


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
