"""What every API of this site shares: JSON in and out, problems as problem+json, stable pages."""

from lib.rest.json import JSONParser, JSONRenderer
from lib.rest.paging import Page, page_of
from lib.rest.problems import Problem, exception_handler, problem_response
from lib.rest.query import Query

__all__ = [
    "JSONParser",
    "JSONRenderer",
    "Page",
    "Problem",
    "Query",
    "exception_handler",
    "page_of",
    "problem_response",
]
