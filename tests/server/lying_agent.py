"""Run as a program: the custodian's, but each number that it answers is a little off. What it posts is signed rightly.

``python -m tests.server.lying_agent run --home ...``
"""

import runpy

from hefed.core.threshold.combine import PartialAnswers
from hefed.custodian.agent.share import Answering
from hefed.custodian.desk.asking import Question
from tests import insecure

OFF = 2**40  # the noise has 16 bits


def lie() -> None:
    honest = Answering.numbers

    def numbers(self: Answering, question: Question) -> PartialAnswers:
        found = honest(self, question)
        prime = question.desk.profile.primes[0]
        totals = {digest: (number + OFF) % prime for digest, number in found.totals.items()}
        return PartialAnswers(found.point, totals, found.slots)

    Answering.numbers = numbers  # type: ignore[method-assign]


if __name__ == "__main__":
    insecure.register()
    lie()
    runpy.run_module("hefed.custodian", run_name="__main__", alter_sys=True)
