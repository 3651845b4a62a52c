# SPDX-License-Identifier: MIT
"""Walks the tokens of one file: looks, takes, and says what was expected where something else stands."""
from lexer import DefsError, tokens


class Cursor:
    def __init__(self, file, text):
        self.file = file
        self.tokens = tokens(file, text)
        self.at = 0

    @property
    def next(self):
        return self.tokens[self.at]

    @property
    def place(self):
        return self.next.place

    def wrong(self, expected):
        return DefsError(self.place, f"expected {expected}, found {self.next}")

    def take(self, kind, expected):
        token = self.next
        if token.kind != kind:
            raise self.wrong(expected)
        self.at += 1
        return token

    def sees(self, *texts):
        """Whether the next token is one of these words or marks."""
        return self.next.kind in ("word", "mark") and self.next.text in texts

    def accept(self, text):
        if not self.sees(text):
            return False
        self.at += 1
        return True

    def expect(self, text):
        if not self.accept(text):
            raise self.wrong(f"'{text}'")

    def word(self, expected):
        return self.take("word", expected)

    def number(self, expected):
        token = self.take("number", expected)
        value = int(token.text, 0) if token.text[:2].lower() == "0x" else int(token.text)
        if value >= 1 << 31:
            raise DefsError(token.place, f"{token.text} is too large (the limit is 2147483647)")
        return value

    def sentence(self):
        """Adjacent strings, joined; "" when there is none."""
        parts = []
        while self.next.kind == "string":
            parts.append(self.take("string", "a sentence").text.strip())
        return " ".join(parts)

    def list(self, close, item):
        """Items with commas between them, up to and with `close`; at least one."""
        result = [item()]
        while not self.accept(close):
            if not self.accept(","):
                raise self.wrong(f"',' or '{close}'")
            result.append(item())
        return result
