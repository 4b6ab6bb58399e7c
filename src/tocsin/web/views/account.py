"""One's own account: API tokens, and the way to passkeys, one-time codes and the password."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.organisations.queries import list_tokens
from tocsin.organisations.services import issue_token, revoke_token
from tocsin.web.forms.people import TokenForm
from tocsin.web.requests import get_request_actor


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_account(request: HttpRequest) -> HttpResponse:
    """Show one's tokens; a new one is shown once, on the page that made it."""
    actor = get_request_actor(request)
    form = TokenForm(request.POST if request.method == "POST" else None)
    issued = ""
    if request.method == "POST" and form.is_valid():
        issued = issue_token(actor, **form.cleaned_data)
        form = TokenForm()
    context = {
        "form": form,
        "issued": issued,
        "tokens": list_tokens(actor),
        "now": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render(request, "web/account/account.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own tokens."""
    revoke_token(get_request_actor(request), token_id)
    return redirect("account")
