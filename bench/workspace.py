"""What long work costs: `python -m bench.workspace`; `script/bench workspace`.

Each page beside the same page with nothing in it: CPU time of the server, in pairs in one run, the
median of the pairs. Beside it bytes as gzip sends them, elements in the browser, SQL queries.
"""

from bench.platform import run


def main() -> int:
    """Prints the table; the exit code says whether the figures were reached."""
    print(f"{'what':62} {'reach':20} measured")
    return 0 if run("workspace") else 1


if __name__ == "__main__":
    raise SystemExit(main())
