"""The words that the search knows: of a very long one, the stem is not looked for."""

from __future__ import annotations

import functools

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

LONGEST = 100
"""Characters of a word that is looked for."""


class ShortWords(SearchEnglish):
    """Stems no word that nobody types: of an output's, the time goes with the square of length."""

    @functools.cache  # noqa: B019
    def stem(self, word: str) -> str:
        return super().stem(word) if len(word) <= LONGEST else word


def setup(app: Sphinx) -> None:
    app.add_search_language(ShortWords)
