"""What a coordinator does on the page, step by step, and tables to do it with."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, Request, expect

HEADER = ["patient", "age", "creatinine", "sex", "cancer", "died"]


def cohort(n: int, seed: int = 1, prefix: str = "p") -> list[list[str]]:
    """Rows of the tests' dictionary as a spreadsheet holds them, some cells empty."""
    rng = np.random.default_rng(seed)
    age, creatinine = rng.normal(60, 15, n), rng.gamma(4.0, 0.25, n)
    sex, cancer = (
        rng.choice(["female", "male"], n),
        rng.choice(["none", "local", "metastatic", ""], n, p=(0.5, 0.3, 0.15, 0.05)),
    )
    died = (rng.random(n) < 1 / (1 + np.exp(-(age - 80) / 15))).astype(int)
    return [
        [
            f"{prefix}{i}",
            f"{age[i]:.1f}",
            "" if i % 11 == 0 else f"{creatinine[i]:.2f}",
            sex[i],
            cancer[i],
            str(died[i]),
        ]
        for i in range(n)
    ]


def write_csv(
    path: Path, rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", header: list[str] = HEADER
) -> Path:
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


@dataclass
class Walk:
    """A person on the page 'Add patients'."""

    tab: Page
    site: str
    study: str = "trial"
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        def note(request: Request) -> None:
            self.requests.append((request.method, request.url, request.post_data_buffer or b""))

        self.tab.context.on("request", note)

    def open(self, query: str = "") -> "Walk":
        self.tab.goto(f"{self.site}/studies/{self.study}/data/add/{query}")
        expect(self.tab.locator("#step-choose-body")).to_be_visible()
        return self

    def choose(self, path: Path) -> "Walk":
        self.tab.locator("#file").set_input_files(path)
        return self

    def columns(self) -> "Walk":
        expect(self.tab.locator("#step-columns-body")).to_be_visible()
        return self

    def confirm_columns(self) -> "Walk":
        self.columns()
        self.tab.locator("#columns-confirm").click()
        expect(self.tab.locator("#check-busy")).to_be_hidden()
        return self

    def check(self, path: Path) -> "Walk":
        """Up to the report."""
        self.choose(path).confirm_columns()
        expect(self.tab.locator("#report")).to_be_visible()
        return self

    def confirm_report(self) -> "Walk":
        for box in self.tab.locator("#report-parts input[type=checkbox]").all():
            box.check()
        self.tab.locator("#check-confirm").click()
        expect(self.tab.locator("#send")).to_be_enabled()
        return self

    def send(self) -> "Walk":
        self.tab.locator("#send").click()
        return self

    def arrived(self) -> str:
        """The batch's name, once it is whole."""
        expect(self.tab.locator("#sent h3")).to_contain_text("arrived whole")
        return (self.tab.locator("#sent h3").text_content() or "").split()[0]

    def problem(self, step: str) -> str:
        place = self.tab.locator(f"#{step}-problem")
        expect(place).not_to_be_empty()
        return place.inner_text()

    def report(self) -> str:
        return self.tab.locator("#report").inner_text()
