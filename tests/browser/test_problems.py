"""What a script makes of an error: codes it knows in its own words, others in the server's; out of workers, too."""

from typing import Any

import pytest
from playwright.sync_api import Page

from hefed.core.errors import BadInput, HEFedError
from hefed.middleware import error_body
from tests.words.raises import text

pytestmark = pytest.mark.browser
REFUSAL = """async ([body, status]) => {
    const { refusal } = await import("/encryptor/problem.js");
    const { message, code, kind } = refusal(body, status);
    return [message, code, kind];
}"""
KNOWN = BadInput("dictionary.role_missing", role="id")
OTHER = BadInput("fit.constant", columns=("age",), patients=1200)


def refusal(page: Page, body: object, status: int = 409) -> list[str]:
    found: list[str] = page.evaluate(REFUSAL, [body, status])
    return found


def test_code_that_the_page_knows_is_told_in_its_words(modules: Page) -> None:
    body = error_body(KNOWN) | {"error": "words of another version"}

    assert refusal(modules, body) == [text(KNOWN.code, role="id"), KNOWN.code, "409"]


@pytest.mark.parametrize("error", [OTHER, HEFedError("a finished sentence")])
def test_other_codes_keep_the_words_of_the_server(modules: Page, error: HEFedError) -> None:
    assert refusal(modules, error_body(error) | {"error": "문장"}) == ["문장", error.code, "409"]


@pytest.mark.parametrize("body", [{}, None, "<html>", {"detail": "x"}])
def test_answer_without_an_error_is_named_by_its_status(modules: Page, body: Any) -> None:
    assert refusal(modules, body, 404) == [text("browser.server_failed", status=404), "browser.server_failed", "404"]


def test_problem_leaves_a_worker_with_its_code_its_words_and_its_kind(modules: Page) -> None:
    found = modules.evaluate(
        """async (body) => {
        const { arrived, carried, refusal } = await import("/encryptor/problem.js");
        const { message, said, kind } = arrived(structuredClone(carried(refusal(body, 422))));
        return [message, said, kind];
    }""",
        error_body(OTHER) | {"error": "words of the server"},
    )

    assert found == ["words of the server", OTHER.said.to_json(), "422"]


def test_foreign_error_is_named_inside_what_could_not_be_done(modules: Page) -> None:
    found = modules.evaluate("""async () => {
        const { explained } = await import("/encryptor/problem.js");
        const { said } = await import("/i18n/words.js");
        return explained(new TypeError("x is not a function"), said("browser.read_file")).message;
    }""")

    assert found == text(
        "browser.unexpected", doing=text("browser.read_file"), message="TypeError: x is not a function"
    )
