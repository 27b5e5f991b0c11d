"""The database itself refuses to rewrite the consent ledger.

Only `mobile` and `wording`, the personal data in it, may be overwritten: an erasure replaces them.

A later migration that alters the table on SQLite makes it anew, without these: it has to lay them again.
"""

from django.db import migrations

TABLE = "vibes_consententry"
SAYS = "The consent ledger is only added to."
EVIDENCE = (
    "id, account_id, vibes_list_id, list_name, was, became, actor, source, reason,"
    " acquisition_campaign, person_key, callback_id, campaign_id, run_id, step_id, told_at, recorded_at"
)
SQLITE = [
    f"CREATE TRIGGER consent_no_update BEFORE UPDATE OF {EVIDENCE} ON {TABLE}"
    f" BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    f"CREATE TRIGGER consent_no_delete BEFORE DELETE ON {TABLE}"
    f" BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION consent_is_final() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$",
    f"CREATE TRIGGER consent_no_update BEFORE UPDATE OF {EVIDENCE} ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION consent_is_final()",
    f"CREATE TRIGGER consent_no_delete BEFORE DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION consent_is_final()",
]
UNDO = ["DROP TRIGGER consent_no_update{on}", "DROP TRIGGER consent_no_delete{on}"]


def guard(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in UNDO:
        schema_editor.execute(statement.format(on=f" ON {TABLE}" if is_postgresql else ""))
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION consent_is_final()")


class Migration(migrations.Migration):
    dependencies = [("vibes", "0002_service_ledger_and_sweeps")]
    operations = [migrations.RunPython(guard, unguard)]
