"""Writes the HTTP interface's page of the documentation from its OpenAPI document:

    earshot openapi | python3 analysis/http_page.py > docs/http.md
"""

import json
import sys

HEAD = """# The HTTP interface

<!-- Written by: earshot openapi | python3 analysis/http_page.py > docs/http.md -->

Listeners' pages, the experimenter's page and simulated listeners all talk to `earshot serve` through these addresses. Write
your own page or program against them, with the same rights as a browser. `earshot openapi` prints them as an OpenAPI 3.1
document, for tools.

- What is sent is JSON: a POST needs `Content-Type: application/json`. Names are in `snake_case`, times in milliseconds. What is
  optional may be missing or null.
- Addresses start where the study does: below the path of the web server in front ([hosting](hosting.md)), below the study's name
  where one server has several.
- A listener's address holds the session's token, which `POST /api/sessions` gives. Whoever has it is that listener.
- Addresses below `/lab`, and `/metrics`, are for the experimenter, by the cookie that `POST /lab` gives for the study's secret or
  for a name and password. `/metrics` takes the secret as `Authorization: Bearer`, too. Changes need an owner ([security](security.md)).
- A refusal has a status from 400 to 599 and says why ([Refusal](#refusal)). `retry` says whether to send the same again later.
- What is to be kept is sent with a `key` of the sender's own. The same key twice is kept once, so sending again is always safe.
"""

PARTS = [
    ("For listeners", lambda path: path.startswith("/api/")),
    ("Pages and sounds", lambda path: not path.startswith(("/lab", "/sign-out", "/healthz", "/readyz", "/metrics"))),
    ("For the experimenter", lambda path: path.startswith(("/lab", "/sign-out"))),
    ("For watching the server", lambda path: True),
]


def anchor(name: str) -> str:
    return name.lower().replace(".", "")


def kind(schema: dict) -> str:
    """The type of a value, with links to the objects that it consists of."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{anchor(name)})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    named = schema.get("type", "any")
    if isinstance(named, list):
        return " or ".join(named)
    if named == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if named == "object" and "additionalProperties" in schema and schema["additionalProperties"] is not False:
        values = schema["additionalProperties"]
        return "object of " + (kind(values) if isinstance(values, dict) else "any")
    return named


def content(found: dict) -> str:
    for form, what in found.items():
        if form == "application/json":
            return kind(what.get("schema", {}))
        return {"text/html": "a page", "*/*": "bytes"}[form]
    return ""


def operation(method: str, path: str, told: dict) -> list[str]:
    lines = [f"### {method.upper()} {path}", "", told["summary"], ""]
    if body := told.get("requestBody"):
        lines.append(f"- Send: {content(body['content'])}")
    good = next(answer for status, answer in told["responses"].items() if status.startswith("2"))
    if "content" in good:
        lines.append(f"- Answer: {content(good['content'])}")
    return [*lines, ""]


def fields(schema: dict, above: str = "") -> list[str]:
    rows = []
    for name, value in sorted(schema.get("properties", {}).items()):
        need = "" if name in schema.get("required", []) else "optional"
        notes = ". ".join(note for note in (value.get("description", "").rstrip("."), need) if note)
        what = kind(value).removesuffix(" or null") if need else kind(value)
        rows.append(f"| `{above}{name}` | {what} | {notes} |")
        rows += fields(value, f"{above}{name}.")
    return rows


def page(document: dict) -> str:
    lines = [HEAD]
    left = sorted(document["paths"].items())
    for title, belongs in PARTS:
        mine = [entry for entry in left if belongs(entry[0])]
        left = [entry for entry in left if entry not in mine]
        lines += [f"## {title}", ""]
        for path, methods in mine:
            for method, told in sorted(methods.items()):
                lines += operation(method, path, told)
    lines += ["## Objects", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += [f"### {name}", ""]
        if text := schema.get("description"):
            lines += [text, ""]
        rows = fields(schema)
        lines += ["| name | what | |", "|---|---|---|", *rows, ""] if rows else [kind(schema).capitalize() + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page(json.load(sys.stdin)))
