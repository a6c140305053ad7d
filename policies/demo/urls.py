"""The pages that exist only in the demo."""

from django.urls import path

from policies.demo import views

app_name = "demo"
urlpatterns = [
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", views.mail, name="mail"),
    path("mailbox/<str:name>/html/", views.mail_html, name="mail-html"),
]
