"""Addresses: the API, log-in, and the web."""

from django.urls import include, path
from django.views.generic import RedirectView

from tocsin.api import api
from tocsin.web.views.frame import show_forgotten_password

urlpatterns = [
    path("api/v1/", api.urls),
    # Nodes send no mail: an administrator sets a new password.
    path("accounts/password/reset/", show_forgotten_password, name="account_reset_password"),
    # Nor does one keep more of a person than log-in needs.
    path("accounts/email/", RedirectView.as_view(pattern_name="account"), name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("", include("tocsin.web.urls")),
]
