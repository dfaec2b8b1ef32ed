"""The inbox: an interviewer's own scorecards."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.rules import guarded
from screening.queries import inbox as queries

PER_PAGE = 50


@guarded("inbox.read")
def inbox(request: HttpRequest) -> HttpResponse:
    with_finished = "finished" in request.GET
    cards = queries.listed(request.user, with_finished=with_finished)
    page = Paginator(cards, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "screening/inbox.html",
        {
            "nav": "inbox",
            "counts": queries.counts(request.user),
            "page": page,
            "rows": queries.rows(list(page.object_list)),
            "with_finished": with_finished,
            "base": "finished=1" if with_finished else "",
        },
    )
