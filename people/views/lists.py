"""Static lists: what there is, who is on one, and taking people off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import lists, paging
from people.forms import ListForm
from people.models import Person, StaticList


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All lists with the number of their members; a POST makes a new one."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = lists.create(form.cleaned_data["name"], now=timezone.now())
        return redirect("people:list", made.pk)
    context = {"lists": StaticList.objects.with_sizes().order_by("name"), "form": form}
    return render(request, "people/lists.html", context, status=422 if form.errors else 200)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The members of a list, newest person first."""
    static_list = get_object_or_404(StaticList, pk=pk)
    members = Person.objects.present().filter(static_lists=static_list)
    context = {
        "list": static_list,
        "count": paging.count_in_words(members),
        "page": paging.page(
            members,
            before=paging.number(request.GET.get("before", "")),
            after=paging.number(request.GET.get("after", "")),
        ),
    }
    return render(request, "people/list.html", context)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the ticked people off the list; they stay in the database."""
    static_list = get_object_or_404(StaticList, pk=pk)
    ticked = [int(one) for one in request.POST.getlist("person") if paging.number(one)]
    by = request.user.get_username()
    gone = lists.remove(static_list, ticked, by=by, now=timezone.now())
    said = ngettext("%(n)d person was taken off.", "%(n)d people were taken off.", len(gone))
    messages.success(request, said % {"n": len(gone)} if gone else _("Nobody was ticked."))
    return redirect("people:list", pk)
