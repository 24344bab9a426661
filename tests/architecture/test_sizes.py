"""The tree stays one that a person can walk: no long modules, few that only somebody far away needs."""

from bench.structure import LONGEST_MODULE, PRODUCT, modules, single_importer_elsewhere, widest_template_line

MOST_NEEDED_ONCE_ELSEWHERE = 29  # modules with one importer, in another folder
WIDEST_TEMPLATE_LINE = 160


def test_no_module_is_too_long_to_be_read() -> None:
    long = {module.name: module.lines for module in modules(*PRODUCT) if module.lines > LONGEST_MODULE}
    assert not long


def test_modules_lie_where_they_are_used() -> None:
    assert len(single_importer_elsewhere(modules(*PRODUCT))) <= MOST_NEEDED_ONCE_ELSEWHERE


def test_templates_are_not_written_in_one_line() -> None:
    assert widest_template_line() <= WIDEST_TEMPLATE_LINE


def test_most_functions_are_seen_at_a_glance() -> None:
    lines = sorted(length for module in modules(*PRODUCT) for length in module.function_lines())
    assert lines[len(lines) // 2] < 8
