"""The account: what a person was told, shown and answered, their receipts, their export, and leaving."""

import json
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policies import acceptance, clock, evidence
from policies.acceptance import receipts
from policies.look import in_use
from policies.models import Person, Policy
from policies.templatetags.site import not_taken
from policies.views.people import gate_page
from policies.views.people.question_context import asked_about, in_words
from policies.views.people.signed_in import account_of, circumstances_of, for_person, next_address


@require_safe
@for_person
def account(request: HttpRequest, person: Person) -> HttpResponse:
    """What applies to this person and their story in words."""
    at = clock.now()
    page = {
        "person": person,
        # Whoever has several accounts under one address sees which of them this is.
        "account": f"{person.name} ({account_of(person)})" if person.name and person.address else account_of(person),
        "questions": acceptance.outstanding(person=person, at=at),
        "agreements": evidence.agreements_of(person=person, at=at),
        "story": evidence.trail_of(person),
        "deletion_request": person.deletion_requests.select_related("policy").first(),
    }
    return render(request, "account/account.html", page)


def _receipt_of(person: Person, reference: UUID, *, at: datetime) -> evidence.Receipt | None:
    """A receipt of the person's own, or of a ward for whom they answer."""
    for giver in (person, *person.wards.all()):
        found = evidence.receipt_of(reference=reference, person=giver, at=at)
        if found:
            return found
    return None


@require_safe
@for_person
def receipt(request: HttpRequest, person: Person, reference: UUID) -> HttpResponse:
    """One answer's receipt; only its giver sees it."""
    at = clock.now()
    found = _receipt_of(person, reference, at=at)
    if found is None:
        raise Http404(_("There is no receipt of yours at this address."))
    question = asked_about(policy=found.act.version.policy, person=found.person, at=at)
    page = {
        "receipt": found,
        "question": in_words(question, at) if question else None,
        "next": next_address(request),
        "kept": gate_page.kept_form(request),
        "account": account_of(found.person),
        "organization": in_use.organization(),
    }
    return render(request, "account/receipt.html", page)


@require_safe
@for_person
def receipt_file(request: HttpRequest, person: Person, reference: UUID) -> HttpResponse:  # noqa: ARG001 - what every view takes
    """One answer's receipt as signed JSON, with the proof that it is in the log; only its giver gets it."""
    found = _receipt_of(person, reference, at=clock.now())
    if found is None:
        raise Http404(_("There is no receipt of yours at this address."))
    body = json.dumps(receipts.document(found.act), indent=2, ensure_ascii=False)
    response = HttpResponse(body, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{reference}.json"'
    return response


@require_safe
@for_person
def receipt_proof(request: HttpRequest, person: Person, reference: UUID) -> HttpResponse:  # noqa: ARG001 - what every view takes
    """The proof that one answer is in the log, as tools of others take it; only its giver gets it."""
    found = _receipt_of(person, reference, at=clock.now())
    proof = receipts.tlog_proof(found.act) if found else None
    if proof is None:
        raise Http404(_("There is no receipt of yours at this address, or the log does not have it yet."))
    response = HttpResponse(proof, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{reference}.tlog-proof"'
    return response


@require_POST
@for_person
def undo(request: HttpRequest, person: Person, reference: UUID) -> HttpResponse:
    """Take an answer back, within 24 hours."""
    at = clock.now()
    found = _receipt_of(person, reference, at=at)
    if found is None:
        raise Http404(_("There is no receipt of yours at this address."))
    try:
        is_ward = found.person != person
        how = circumstances_of(request, acted_by=person if is_ward else None, remark="guardian" if is_ward else "")
        withdrawal = acceptance.withdraw(act=found.act, person=found.person, how=how, at=at)
    except acceptance.TooLate as refusal:
        messages.error(request, str(refusal))
        return redirect("policies:receipt", reference)
    return redirect("policies:receipt", withdrawal.subject_ref)


@require_safe
@for_person
def export(request: HttpRequest, person: Person) -> HttpResponse:  # noqa: ARG001 - what every view takes
    """Everything on record about this person, as JSON."""
    body = json.dumps(evidence.export_of(person=person, at=clock.now()), indent=2, ensure_ascii=False)
    response = HttpResponse(body, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-policies-data.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def leave(request: HttpRequest, person: Person) -> HttpResponse:
    """Ask to be deleted: GET explains, POST records the request."""
    policies = [agreement.policy for agreement in evidence.agreements_of(person=person, at=clock.now())]
    if request.method != "POST":
        return render(request, "account/leave.html", {"person": person, "policies": policies})
    policy = Policy.objects.at_address(request.POST.get("policy", ""))
    if policy is None or policy not in policies:
        first = f"policy-{policies[0].pk}" if policies else ""
        wrong = not_taken(_("Choose which policy your request is about."), first)
        return render(request, "account/leave.html", {"policies": policies, **wrong}, status=422)
    acceptance.ask_for_deletion(person=person, policy=policy, at=clock.now())
    return redirect("policies:account")
