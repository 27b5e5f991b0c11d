"""What the templates of every page may ask the frame for."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "vendor/bootstrap-icons-1.13.2/icons.svg"


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """The drawing `name` of our sprite, hidden from screen readers: the words beside it are its name."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static(SPRITE),
        name,
    )
