# SPDX-License-Identifier: MIT
"""Turns the text of a .defs file into tokens.

To read a file call tokens(file, text); every token knows its place. Comments are C's. A string may go over several lines;
its white space counts as one blank. An import's <header> is one token of kind "header". A wrong character raises DefsError.
"""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    file: str
    line: int
    column: int

    def __str__(self):
        return f"{self.file}:{self.line}:{self.column}"


class DefsError(Exception):
    """Wrong input: where it is and why it is refused."""

    def __init__(self, place, reason):
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True)
class Token:
    kind: str  # word, number, string, header, mark, end
    text: str
    place: Place

    def __str__(self):
        return {"end": "the end of the file", "string": f'"{self.text}"'}.get(self.kind, f"'{self.text}'")


PATTERN = re.compile(
    r"(?P<blank>[ \t\r\n]+)"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<string>"(?:[^"\\]|\\["\\])*")'
    r"|(?P<number>0[xX][0-9a-fA-F]+\b|[0-9]+\b)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<header><[A-Za-z0-9_./+-]+>)"
    r"|(?P<mark>[][(){};:,=^*])",
    re.DOTALL,
)


def wrong_text(text, at, place):
    """Says what is wrong with the text that no token matches."""
    if text.startswith("/*", at):
        return DefsError(place, "this comment has no end")
    if text[at] == '"':
        return DefsError(place, "this string has no end (or a \\ that is not before \" or \\)")
    if text[at].isdigit():
        return DefsError(place, "this is no number (decimal and 0x hexadecimal are known)")
    return DefsError(place, f"the character {ascii(text[at])} means nothing here")


def tokens(file, text):
    """The tokens of the text, the last one of kind "end"."""
    result, at, line, start = [], 0, 1, 0
    while at < len(text):
        place = Place(file, line, at - start + 1)
        match = PATTERN.match(text, at)
        if not match:
            raise wrong_text(text, at, place)
        kind, body = match.lastgroup, match.group()
        if kind == "string":
            plain = re.sub(r"\\(.)", r"\1", body[1:-1])
            result.append(Token(kind, " ".join(plain.split()), place))
        elif kind not in ("blank", "comment"):
            result.append(Token(kind, body, place))
        if "\n" in body:
            line += body.count("\n")
            start = at + body.rindex("\n") + 1
        at = match.end()
    result.append(Token("end", "", Place(file, line, at - start + 1)))
    return result
