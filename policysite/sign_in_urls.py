"""
The pages of allauth that are wanted, one by one. What its releases bring new is not open before somebody put it here.

Not here: further addresses, setting or resetting a password. Whoever took over a session could make an account theirs
by them; addresses are given at the desk, and passwords by `manage.py createsuperuser` and `changepassword`.
"""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from csp.decorators import csp_update
from django.urls import path

from policies.sign_in.second_factor import giving
from policies.sign_in.showing_again import just_signed_in, leaving_nothing, with_a_new_key

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("login/code/", account.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", account.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", leaving_nothing(account.logout), name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", with_a_new_key(account.reauthenticate), name="account_reauthenticate"),
    # Says that accounts are not opened here; allauth's mail to unknown addresses names it.
    path("signup/", account.signup, name="account_signup"),
    path("second-factor/", second_factor.index, name="mfa_index"),
    path("second-factor/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("second-factor/reauthenticate/", with_a_new_key(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path(
        "second-factor/totp/activate/",
        # The picture of the secret is part of this page, so that it has no address of its own.
        csp_update({"img-src": ["data:"]})(just_signed_in(giving(totp.activate_totp))),
        name="mfa_activate_totp",
    ),
    path("second-factor/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "second-factor/recovery-codes/generate/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery-codes/download/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
