"""The pages of accounts: the rule book, colleagues and invitations."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bield.service.accounts import actions, rulebook
from bield.service.accounts.access import (
    invitation_for,
    member_for,
    organisations_with,
    requires,
    role_request_for,
    role_requests_for,
    user_of,
    workload_of,
)
from bield.service.accounts.forms import InviteForm, JoinForm, NewsForm, RoleForm, TeamsForm
from bield.service.accounts.models import Invitation, Membership, RoleRequest, Team, User
from bield.service.accounts.permissions import Permission

GET_OR_POST = ["GET", "HEAD", "POST"]


def not_here(request: HttpRequest) -> HttpResponse:
    """Answer 404 for an address of allauth that has no page here."""
    raise Http404


@login_not_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Who may do what."""
    headings, rows = rulebook.grid()
    return render(request, "accounts/rules.html", {"roles": rulebook.rules(), "headings": headings, "rows": rows})


@login_not_required
@require_safe
def rules_document(request: HttpRequest) -> HttpResponse:
    """The rule book as a PDF."""
    return HttpResponse(
        rulebook.document(today=timezone.localdate()),
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="who-may-do-what.pdf"'},
    )


@require_http_methods(GET_OR_POST)
@requires(Permission.ACCOUNTS_MANAGE)
def colleagues(request: HttpRequest) -> HttpResponse:
    """The members of the administrator's organisations, and open invitations."""
    user = user_of(request)
    organisations = organisations_with(user, Permission.ACCOUNTS_MANAGE)
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        teams=Team.objects.select_related("organisation").filter(organisation__in=organisations),
    )
    if request.method == "POST" and form.is_valid():
        address = request.build_absolute_uri(reverse("invitation", args=["TOKEN"])).replace("TOKEN", "{token}")
        try:
            actions.invite(by=user, at=timezone.now(), address=address, **form.cleaned_data)
        except actions.InvitationError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("colleagues")
    memberships = Membership.objects.select_related("user", "team__organisation").filter(
        team__organisation__in=organisations
    )
    return render(
        request,
        "accounts/colleagues.html",
        {
            "form": form,
            "memberships": memberships.order_by("team__organisation__name", "team__name", "user__name", "pk"),
            "invitations": Invitation.objects.select_related("team").filter(
                team__organisation__in=organisations, accepted_at__isnull=True
            ),
            "waiting": RoleRequest.objects.select_related("user", "team").filter(team__organisation__in=organisations),
            "now": timezone.now(),
        },
    )


@require_http_methods(GET_OR_POST)
@requires(Permission.ACCOUNTS_MANAGE)
def colleague(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Change a colleague's role, or remove them from the team."""
    user = user_of(request)
    membership = member_for(user, membership_id)
    form = RoleForm(request.POST if request.method == "POST" else None, membership=membership)
    if request.method == "POST":
        try:
            if "take" in request.POST:
                actions.take_role(membership=membership, by=user)
                messages.success(request, _("They are no longer in this team."))
                return redirect("colleagues")
            if form.is_valid():
                role = form.cleaned_data["role"]
                if actions.give_role(membership=membership, role=role, by=user, at=timezone.now()):
                    messages.success(request, _("The role was changed."))
                else:
                    messages.success(
                        request, _("Asked for. The role takes effect once somebody else has confirmed it.")
                    )
                return redirect("colleagues")
        except actions.InvitationError as error:
            form.add_error("role", str(error))
        except actions.LastAdministrator:
            form.add_error(None, _("Somebody must look after the accounts: name another administrator first."))
    records, supported = workload_of(membership)
    values = {"membership": membership, "form": form, "records": records, "supported": supported}
    return render(request, "accounts/colleague.html", values)


@require_http_methods(GET_OR_POST)
@requires(Permission.ACCOUNTS_MANAGE)
def teams(request: HttpRequest) -> HttpResponse:
    """Whether to tell the leads of an organisation when two of its teams have records with the same names."""
    user = user_of(request)
    organisations = organisations_with(user, Permission.ACCOUNTS_MANAGE)
    data = request.POST if request.method == "POST" else None
    form = TeamsForm(data, organisations=organisations, initial={"compared": organisations.filter(compares_teams=True)})
    if request.method == "POST" and form.is_valid():
        for organisation in organisations:
            actions.compare_teams(organisation, on=organisation in form.cleaned_data["compared"], by=user)
        messages.success(request, _("Saved."))
        return redirect("teams-compared")
    return render(request, "accounts/teams.html", {"form": form})


@require_safe
@requires(Permission.ROLES_CONFIRM)
def waiting(request: HttpRequest) -> HttpResponse:
    """The roles that can see people and that this user can confirm."""
    return render(request, "accounts/waiting.html", {"rows": role_requests_for(user_of(request))})


@require_POST
@requires(Permission.ROLES_CONFIRM)
def confirm(request: HttpRequest, request_id: int) -> HttpResponse:
    """Confirm a role, or refuse it."""
    user, seen = user_of(request), request.POST.get("role", "")
    wanted = role_request_for(user, request_id)
    try:
        if "refuse" in request.POST:
            actions.refuse_role(wanted, seen=seen, by=user, at=timezone.now())
            messages.success(request, _("Refused. They see nobody here."))
        else:
            actions.confirm_role(wanted, seen=seen, by=user, at=timezone.now())
            messages.success(request, _("Confirmed. The role takes effect now."))
    except actions.InvitationError as error:
        messages.error(request, str(error))
    return redirect("roles-waiting")


@require_http_methods(GET_OR_POST)
def news(request: HttpRequest) -> HttpResponse:
    """Choose when to get e-mails about what waits."""
    user = user_of(request)
    form = NewsForm(request.POST if request.method == "POST" else None, initial={"when": user.news})
    if request.method == "POST" and form.is_valid():
        actions.choose_news(user, when=form.cleaned_data["when"])
        messages.success(request, _("Saved."))
        return redirect("home")
    return render(request, "accounts/news.html", {"form": form})


@require_POST
@requires(Permission.ACCOUNTS_MANAGE)
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    user = user_of(request)
    try:
        actions.withdraw_invitation(invitation=invitation_for(user, invitation_id), by=user)
    except actions.InvitationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation was withdrawn."))
    return redirect("colleagues")


@login_not_required
@require_http_methods(GET_OR_POST)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with a new account, or with the account that the address already has."""
    try:
        offer = actions.invitation_with(token, at=timezone.now())
    except actions.InvitationError as error:
        return render(request, "accounts/invitation_gone.html", {"why": str(error)}, status=410)
    has_account = User.objects.filter(email=offer.email).exists()
    if has_account and (not request.user.is_authenticated or user_of(request).email != offer.email):
        return redirect(f"{reverse('account_login')}?next={request.path}")
    form = JoinForm(request.POST if request.method == "POST" else None, email=offer.email)
    if request.method == "POST" and (has_account or form.is_valid()):
        values = {"name": "", "password": ""} if has_account else form.cleaned_data
        try:
            user = actions.join(invitation=offer, at=timezone.now(), **values)
        except actions.InvitationError as error:
            return render(request, "accounts/invitation_gone.html", {"why": str(error)}, status=410)
        if not has_account:
            login(request, user)
        return redirect("home")
    return render(request, "accounts/invitation.html", {"invitation": offer, "form": form, "known": has_account})
