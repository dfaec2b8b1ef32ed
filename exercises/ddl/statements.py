"""A text cut into statements, before any of them is parsed."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType


def line_of(error: TokenError, sql: str) -> int:
    """A tokenizer names a place as "from 3:10", or not at all: then it is the last line."""
    found = re.search(r"(\d+):\d+", str(error))
    last = sql.count("\n") + 1
    return min(int(found[1]), last) if found else last


def statements(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    for is_end, group in groupby(tokens, lambda token: token.token_type == TokenType.SEMICOLON):
        if not is_end:
            yield list(group)


def chains(tokens: list[Token]) -> int:
    """How many subscripts and calls of a part there are: [1] and .b(), not []."""
    kinds = [token.token_type for token in tokens]
    return sum(
        (one == TokenType.L_BRACKET and second != TokenType.R_BRACKET)
        or (one == TokenType.DOT and third == TokenType.L_PAREN)
        for one, second, third in zip(kinds, kinds[1:], kinds[2:], strict=False)
    )
