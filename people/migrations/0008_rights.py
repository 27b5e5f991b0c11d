"""Rights to import, to delete a list, to lift a restriction. Whoever is here had them, and keeps them."""

from django.db import migrations

MARKETER = "Marketer"
RIGHTS = [
    ("importjob", "import_people", "Can import people and undo imports"),
    ("person", "lift_flags", "Can lift Block Listed, Unsubscribed and other restrictions"),
    ("staticlist", "delete_staticlist", "Can delete static list"),
]


def keep(apps, schema_editor):
    """Make the group, and put everybody into it who is here. Django makes permissions only after all
    migrations, and leaves alone those that are there."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=MARKETER)
    for model, codename, name in RIGHTS:
        kind, _ = ContentType.objects.get_or_create(app_label="people", model=model)
        right, _ = Permission.objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        group.permissions.add(right)
    group.user_set.add(*apps.get_model("auth", "User").objects.filter(is_superuser=False))


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0007_everybody_in_the_bin_leaves_it"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="importjob",
            options={"permissions": [("import_people", "Can import people and undo imports"), ("see_all_jobs", "Can open imports and exports of others")]},
        ),
        migrations.AlterModelOptions(
            name="person",
            options={"permissions": [("merge_person", "Can merge people"), ("erase_person", "Can erase people for good"), ("lift_flags", "Can lift Block Listed, Unsubscribed and other restrictions")], "verbose_name": "person", "verbose_name_plural": "people"},
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
