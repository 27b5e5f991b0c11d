"""What an account offers: subscription lists, and the acquisition campaigns that feed them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .account import Account


class VibesListQuerySet(models.QuerySet["VibesList"]):
    def offered(self) -> "VibesListQuerySet":
        """Lists that Vibes still shows, in the order of a dropdown.

        Where two services have a list of the same name, each is called after its service too.
        """
        namesakes = VibesList.objects.filter(gone_at=None, name=models.OuterRef("name"))
        others = namesakes.exclude(account=models.OuterRef("account"))
        shown = self.filter(gone_at=None).annotate(has_namesake=models.Exists(others))
        return shown.select_related("account").order_by("name", "pk")

    def without_sender(self) -> "VibesListQuerySet":
        """Lists to which nothing can be texted now: no sender is known, or something is wrong with it."""
        return self.filter(models.Q(event_type="") | ~models.Q(sender_fault=""))


class VibesList(models.Model):
    """A subscription list at Vibes. `event_type` names the sender of our texts to it.

    `sender_typed`: somebody made the sender at Vibes by hand, since no program may there.
    `sender_fault`: what was wrong with it when it was last looked at; empty when nothing was.
    `sender_made_until`: somebody is making it, and nobody else does until then.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="lists")
    vibes_id = models.CharField(max_length=80)
    name = models.CharField(max_length=255)
    event_type = models.CharField(max_length=80, blank=True)
    sender_id = models.CharField(max_length=40, blank=True)
    sender_typed = models.BooleanField(default=False)
    sender_status = models.CharField(max_length=20, blank=True)
    sender_fault = models.CharField(max_length=255, blank=True)
    sender_made_until = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = VibesListQuerySet.as_manager()

    class Meta:
        verbose_name = _("Vibes list")
        constraints = [
            models.UniqueConstraint(fields=["account", "vibes_id"], name="list_once_an_account")
        ]

    def __str__(self) -> str:
        # Known only of those that `offered` brings.
        is_ambiguous = getattr(self, "has_namesake", False)
        return f"{self.name} ({self.account})" if is_ambiguous else self.name


class AcquisitionCampaign(models.Model):
    """Vibes' way of starting a subscription. Offered only while active, and under the lists it feeds."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="acquisition_campaigns")
    vibes_id = models.CharField(max_length=80)
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=20)
    feeds = models.ManyToManyField(VibesList, related_name="acquisition_campaigns")
    # What Vibes texts when it asks. The platform does not say it; the operator may copy it here.
    wording = models.TextField(_("Wording of the question"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "vibes_id"], name="campaign_once_an_account")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == "active"
