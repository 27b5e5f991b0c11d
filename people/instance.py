"""The instance settings that concern people."""

from people.models.setting import declare

ALLOWED_COUNTRIES = declare(
    "allowed_countries",
    default=["US", "CA"],
    help="Countries (ISO 3166) whose numbers may be texted: by the number, not the address.",
)
DEFAULT_REGION = declare(
    "default_region",
    default="US",
    help="The country (ISO 3166) of a number typed without a country code.",
)
