"""The one error tree. Every message reads: cannot do what: which fact; what to do."""


class HEFedError(Exception):
    """Base of every error that HEFed raises on purpose; its text may be shown to a user as it is."""


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
    """The custodian's policy, or a disclosure rule, does not allow the answer.

    ``code`` names the rule for pages: a setting of policy.toml, or one of ``hefed.custodian.desk.policy.RULES``.
    """

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Conflict(HEFedError):
    """The object is not in a state that allows this move."""


class BatchQuarantined(HEFedError):
    """The admission check refused a batch; the text gives the reason."""


class RemoteFailed(HEFedError):
    """The other party answered with an error, or did not answer."""
