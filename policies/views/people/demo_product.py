"""A product page for the demo: what the acceptance gate guards."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from policies import acceptance, clock
from policies.acceptance import continued_use
from policies.look import in_use
from policies.models import Person
from policies.views.people.question_context import in_words
from policies.views.people.signed_in import for_person


@for_person
def product(request: HttpRequest, person: Person) -> HttpResponse:
    """Something worth coming back for, with the banner while an answer can still wait."""
    at = clock.now()
    if request.method == "POST":
        # Saving is use; looking at a page is not taken for it, and GET records nothing.
        continued_use.note(person=person, on=at.date(), source="product", at=at)
    questions = [in_words(question, at) for question in acceptance.outstanding(person=person, at=at)]
    page = {"questions": questions, "organization": in_use.organization(), "posted": request.method == "POST"}
    return render(request, "account/product.html", page)
