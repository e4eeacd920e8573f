"""接口示例: how a program takes figures out, with the reader's own address and a plan of theirs filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from plans.models import Plan

TOKEN = "在这里粘贴令牌"  # noqa: S105 (what stands in its place)


@dataclass(frozen=True, slots=True)
class Example:
    """One way to read the API, to copy as it stands; `code` works once the token is put in."""

    slug: str
    title: str
    said: str
    code: str

    @property
    def n_lines(self) -> int:
        return self.code.count("\n") + 1


def examples(*, host: str, user: User, on: date) -> list[Example]:
    """The examples for somebody; `host` is the portal's own address without a slash at its end."""
    plan = Plan.objects.visible_to(user).order_by("-end_year", "region__code", "code").first()
    code = plan.code if plan else ""
    year = max(plan.start_year, min(plan.end_year, on.year - 1)) if plan else on.year - 1
    api = f"{host}/api/v1"
    of_plan = f"plan={code}&" if code else ""
    return [
        Example(
            "curl",
            "命令行 curl：取一个年度的评价",
            "返回 JSON，每页100行；数值是字符串，没有的是空值。",
            f'curl -H "Authorization: Token {TOKEN}" "{api}/assessments/?{of_plan}year={year}"',
        ),
        Example(
            "curl-csv",
            "命令行 curl：把已审核数据存成 CSV",
            "一次取回全部行（最多1万行），UTF-8，可以直接用 Excel 或 WPS 打开。",
            f'curl -H "Authorization: Token {TOKEN}" -o actuals.csv '
            f'"{api}/actuals/?{of_plan}state=approved&format=csv"',
        ),
        Example("pandas", "Python pandas：读成数据表", _PANDAS_SAID, _pandas(api, of_plan)),
        Example("python", "Python 标准库：逐页读取，不重复下载", _PYTHON_SAID, _python(api, of_plan)),
        Example("power-query", "Excel Power Query：做成可以刷新的表", _POWER_QUERY_SAID, _power_query(host, code)),
    ]


_PANDAS_SAID = "先按文字读入，小数位数不会丢；要计算时再转成数值。空白是没有数据，不是零。"
_PYTHON_SAID = "第二次起带上 ETag：内容没有变化时回答304，不再传一遍。请求过于频繁时回答429，按回答里写的秒数等候再试。"
_POWER_QUERY_SAID = "Excel“数据”→“获取数据”→“自其他源”→“空白查询”→“高级编辑器”，粘贴后完成；问到访问方式时选“匿名”。"


def _pandas(api: str, of_plan: str) -> str:
    return f"""import pandas as pd

headers = {{"Authorization": "Token {TOKEN}"}}
actuals = pd.read_csv(
    "{api}/actuals/?{of_plan}state=approved&format=csv",
    storage_options=headers,
    dtype="string",
)
actuals["number"] = pd.to_numeric(actuals["value"])"""


def _python(api: str, of_plan: str) -> str:
    return f"""import json
import urllib.error
import urllib.request

headers = {{"Authorization": "Token {TOKEN}"}}


def read(address, etag=None):
    \"\"\"返回内容和它的 ETag；没有变化时内容为 None。\"\"\"
    known = {{"If-None-Match": etag}} if etag else {{}}
    request = urllib.request.Request(address, headers=headers | known)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer), answer.headers["ETag"]
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return None, etag
        raise


first = "{api}/indicators/?{of_plan}page_size=1000"
page, etag = read(first)
indicators = page["results"]
while page["next"]:
    page, _ = read(page["next"])
    indicators += page["results"]

again, _ = read(first, etag)  # 没有变化时 again 为 None"""


def _power_query(host: str, code: str) -> str:
    of_plan = f'plan = "{code}", ' if code else ""
    return f"""let
    令牌 = "{TOKEN}",
    内容 = Web.Contents("{host}", [
        RelativePath = "api/v1/actuals/",
        Query = [{of_plan}state = "approved", format = "csv"],
        Headers = [Authorization = "Token " & 令牌]
    ]),
    表 = Csv.Document(内容, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
    结果 = Table.PromoteHeaders(表)
in
    结果"""
