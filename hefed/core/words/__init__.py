"""What people are told: codes with facts, and one catalogue of their words in English and Korean (docs/words.md)."""

from hefed.core.words.rendering import language_of, words
from hefed.core.words.said import Fact, Said

__all__ = ["Fact", "Said", "language_of", "words"]
