"""The one error tree. An error is a code and facts; its words read: cannot do what: which fact; what to do."""

from collections.abc import Mapping

from hefed.core.words import Fact, Said, words


class HEFedError(Exception):
    """Base of every error that HEFed raises on purpose: ``BadInput("fit.no_events", patients=5)``. A user may see it.

    ``str(error)`` is English, for logs and command lines. The codes and their words: hefed/core/words/catalogue.
    """

    def __init__(self, code: str | Said, /, **facts: Fact) -> None:
        self.said = code if isinstance(code, Said) else _said(code, facts)
        super().__init__(self.said)  # what pickling hands to the other process

    @property
    def code(self) -> str:
        return self.said.code

    @property
    def facts(self) -> Mapping[str, Fact]:
        return self.said.facts

    def __str__(self) -> str:
        return words(self.said)


def _said(code: str, facts: Mapping[str, Fact]) -> Said:
    """A finished sentence instead of a code comes from a module that is not converted yet (docs/words.md)."""
    return Said("legacy", text=code) if " " in code else Said(code, **facts)


class BadInput(HEFedError):
    """Something a person or a remote party handed over cannot be used; the text says what to change."""


class DictionaryInvalid(BadInput):
    """A dictionary.csv breaks a rule of the data dictionary."""


class RowsInvalid(BadInput):
    """A hospital's table does not follow the study's data dictionary."""


class BatchFileInvalid(BadInput):
    """A batch file is not a whole ZIP of stored blocks that match their manifest."""


class EnvelopeInvalid(BadInput):
    """Bytes are not a HEFed envelope, or not the one that was announced."""


class CiphertextInvalid(BadInput):
    """Bytes are not a ciphertext of this study's ring: structure, sizes or coefficients are wrong."""


class KeyInvalid(BadInput):
    """A key bundle is malformed, of another study, or holds what it must not hold."""


class WrongKey(BadInput):
    """A ciphertext or bundle was made under a key that this study does not use."""


class CircuitError(HEFedError):
    """A circuit asked for something that CKKS cannot do at this point."""


class LevelExhausted(CircuitError):
    """An operation needs more levels than the ciphertext has left."""


class ScaleMismatch(CircuitError):
    """Two operands carry different scales."""


class NotAtLevelZero(CircuitError):
    """A total is extracted from a ciphertext that still has rescalings left."""


class FitFailed(HEFedError):
    """The model cannot be fitted on this pool: collinear columns, separation, too few events."""


class PolicyRefused(HEFedError):
    """The custodian's policy, or a disclosure rule, does not allow the answer; the code names the rule."""


class Conflict(HEFedError):
    """The object is not in a state that allows this move."""


class BatchQuarantined(HEFedError):
    """The admission check refused a batch; the text gives the reason."""


class RemoteFailed(HEFedError):
    """The other party answered with an error, or did not answer."""
