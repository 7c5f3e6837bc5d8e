"""axe-core in a page: what is wrong with the state that a page is in.

Contrast is measured in English only: it does not depend on the language.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  if (!globalThis.axe) return null;
  const rules = { "color-contrast": { enabled: document.documentElement.lang === "en" } };
  const found = await axe.run(document, { runOnly: tags, rules, resultTypes: ["violations"] });
  return found.violations.map(each => [each.id, each.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]);
}"""


def violations(page: Page) -> Any:
    """What axe finds in the state that the page is in, as [rule, elements]; an empty list is well.

    Skips the test where the package is not installed.
    """
    found = page.evaluate(RUN, TAGS)
    if found is None:
        package = pytest.importorskip("axe_playwright_python", reason="missing: axe-playwright-python")
        program = next(Path(package.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
        page.context.add_init_script(program)  # for the pages that follow: to send it anew for each takes longer
        page.evaluate(program)
        found = page.evaluate(RUN, TAGS)
    return found
