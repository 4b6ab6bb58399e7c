"""People and organisations, for administrators."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation, Person
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import list_organisations, list_people
from tocsin.organisations.services import (
    change_person,
    record_organisation,
    record_person,
    remove_factors,
    set_password,
)
from tocsin.organisations.vocabulary import Role
from tocsin.web.forms.people import OrganisationForm, PersonForm, RolesForm
from tocsin.web.lists import Column, get_search, get_sort, render_list
from tocsin.web.requests import get_request_actor, journal_refusal

PERSON_ORDERS = {
    "username": ("username",),
    "-username": ("-username",),
    "organisation": ("organisation__name", "username"),
    "-organisation": ("-organisation__name", "username"),
    "last_login": ("last_login", "username"),
    "-last_login": ("-last_login", "username"),
}
ORGANISATION_ORDERS = {
    "name": ("name", "key"),
    "-name": ("-name", "-key"),
    "country": ("country", "name", "key"),
    "-country": ("-country", "name", "key"),
}


@require_safe
def show_people(request: HttpRequest) -> HttpResponseBase:
    """All accounts of the node."""
    actor = get_request_actor(request)
    require_permission(actor, "people.manage")
    search = get_search(request)
    sort = get_sort(request, PERSON_ORDERS, default="username")
    people = list_people().order_by(*PERSON_ORDERS[sort])
    if search:
        people = people.filter(username__icontains=search) | people.filter(
            organisation__name__icontains=search
        )
    columns = [
        Column(_("User name"), lambda one: one.username, sort="username"),
        Column(_("Organisation"), lambda one: one.organisation.name, sort="organisation"),
        Column(_("Roles"), lambda one: ", ".join(one.roles)),
        Column(_("May log in"), lambda one: _("yes") if one.is_active else _("no")),
        Column(_("Last log-in"), lambda one: one.last_login, sort="last_login"),
    ]
    return render_list(
        request,
        actor,
        "web/people/list.html",
        name="people",
        rows=people,
        columns=columns,
        sort=sort,
        context={"role_words": _name_roles()},
        permission="people.manage",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: HttpRequest) -> HttpResponse:
    """Make an account."""
    actor = get_request_actor(request)
    require_permission(actor, "people.manage")
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        record_person(
            actor,
            username=values["username"],
            organisation=values["organisation"],
            roles=values["roles"],
            password=values["password"],
        )
        return redirect("people")
    return _render_form(request, form, _("Add a person"), _("Add this person"), "people")


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Change what a person may do."""
    actor = get_request_actor(request)
    require_permission(actor, "people.manage")
    person = _get_person(person_id)
    form = RolesForm(
        request.POST if request.method == "POST" else None,
        person=person,
        initial={"roles": person.roles, "is_active": person.is_active},
    )
    if request.method == "POST" and form.is_valid():
        try:
            _change(actor, person.username, form.cleaned_data)
        except RefusedError as error:
            journal_refusal(request, actor, error)
            form.add_error(None, str(error))
        else:
            return redirect("people")
    title = f"{person.username}, {person.organisation.name}"
    return _render_form(request, form, title, _("Save"), "people")


@require_safe
def show_organisations(request: HttpRequest) -> HttpResponseBase:
    """The organisation that runs the node, and its partners."""
    actor = get_request_actor(request)
    require_permission(actor, "people.manage")
    search = get_search(request)
    sort = get_sort(request, ORGANISATION_ORDERS, default="name")
    organisations: QuerySet[Organisation] = list_organisations().order_by(
        *ORGANISATION_ORDERS[sort]
    )
    if search:
        organisations = organisations.filter(name__icontains=search) | organisations.filter(
            key__icontains=search
        )
    columns = [
        Column(_("Name"), lambda one: one.name, sort="name"),
        Column(_("Key"), lambda one: one.key),
        Column(_("Kind"), lambda one: str(one.get_kind_display())),
        Column(_("Country"), lambda one: one.country, sort="country"),
        Column(_("Runs this node"), lambda one: _("yes") if one.is_own else _("no")),
    ]
    return render_list(
        request,
        actor,
        "web/people/organisations.html",
        name="organisations",
        rows=organisations,
        columns=columns,
        sort=sort,
        permission="people.manage",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_organisation(request: HttpRequest) -> HttpResponse:
    """Make a partner organisation."""
    actor = get_request_actor(request)
    require_permission(actor, "people.manage")
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        record_organisation(actor, **form.cleaned_data)
        return redirect("people-organisations")
    return _render_form(
        request,
        form,
        _("Add an organisation"),
        _("Add this organisation"),
        "people-organisations",
    )


@transaction.atomic
def _change(actor: Actor, username: str, values: dict[str, Any]) -> None:
    change_person(actor, username=username, roles=values["roles"], is_active=values["is_active"])
    if values["password"]:
        set_password(actor, username=username, password=values["password"])
    if values["removes_factors"]:
        remove_factors(actor, username=username)


def _render_form(
    request: HttpRequest,
    form: PersonForm | RolesForm | OrganisationForm,
    title: str,
    action: str,
    back: str,
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "action": action,
        "back": reverse(back),
        "breadcrumbs": [
            {"label": _("People"), "url": reverse("people")},
            {"label": title},
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "web/people/form.html", context, status=status)


def _get_person(person_id: int) -> Person:
    person = list_people().filter(pk=person_id).first()
    if person is None:
        raise NotFoundError(f"person {person_id}: not found")
    return person


def _name_roles() -> dict[str, str]:
    return {value: str(label) for value, label in Role.choices}
