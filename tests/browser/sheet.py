"""The entry sheet of the browser tests: where its cells are, and what the server holds of them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from indicators.models import Actual

SHEET = "/plans/laohekou-14/entry/2025/"
SAVE = "**/entry/2025/save/"
# In the order of the sheet: NEXT stands below CARE, and STAFFED below BEDS but for one row that is locked.
RATE, BEDS_PER, CARE, NEXT = (
    "城市低保标准年度增速",
    "每千名老年人口拥有养老床位数",
    "养老机构护理型床位占比",
    "乡镇（街道）范围具备综合功能的养老服务机构覆盖率",
)
BEDS, LOCKED, STAFFED = "新增有效供给养老床位", "新增居家养老服务设施", "社会力量运营的养老床位占比"


def cell(page: Page, name: str, column: str = "value") -> Locator:
    return line(page, name).locator(f"[name={column}]")


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def type_into(page: Page, name: str, text: str) -> Locator:
    """Type as a clerk does, leave the cell with Enter, and hand back the row."""
    cell(page, name).click()
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    return line(page, name)


def paste(page: Page, text: str) -> None:
    """What a spreadsheet leaves on the clipboard, put into the cell that has the focus."""
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def copied(page: Page) -> str:
    """What Ctrl+C here would leave on the clipboard for a spreadsheet."""
    return str(
        page.evaluate(
            """() => {
              const clipboardData = new DataTransfer();
              document.activeElement.dispatchEvent(
                new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }));
              return clipboardData.getData("text/plain");
            }"""
        )
    )


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def expect_saved(row: Locator) -> None:
    expect(row.locator("[data-save-state]")).to_contain_text("已保存")


def in_database(name: str) -> Actual | None:
    """The row of 2025 as the server holds it; None where it has none."""
    return Actual.objects.filter(indicator__plan__code="laohekou-14", indicator__name=name, year=2025).first()


def typed_in_database(name: str) -> str | None:
    row = in_database(name)
    return row.text if row else None
