"""Every placeholder that a template of a Word report may use: its name, what stands there, and a sample.

This list is the page's help, the sample with which an uploaded template is tried, and what `content.py` has to fill.
All values are texts, lists of texts, or lists of rows of texts: a template gets plain data and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Plain = str | Sequence[str] | Sequence[Mapping[str, str]]
MOST_YEARS = 5


@dataclass(frozen=True, slots=True)
class Field:
    """One placeholder. With `columns` it is a list of rows; with `is_list` a list of paragraphs; else a text."""

    name: str
    said: str
    sample: str = ""
    is_list: bool = False
    columns: tuple[Field, ...] = ()

    @property
    def use(self) -> str:
        """How it is written in a template."""
        if self.columns:
            return f"{{%tr for 行 in {self.name} %}} … {{{{ 行.{self.columns[0].name} }}}} … {{%tr endfor %}}"
        if self.is_list:
            return f"{{%p for 段 in {self.name} %}} {{{{ 段 }}}} {{%p endfor %}}"
        return f"{{{{ {self.name} }}}}"


def texts(name: str, said: str, sample: str) -> Field:
    return Field(name, said, sample, is_list=True)


INDICATOR_COLUMNS = (
    Field("序号", "规划所印序号", "1"),
    Field("指标", "名称；“其中”行前有“其中：”", "养老机构护理型床位占比"),
    Field("单位", "单位", "%"),
    Field("属性", "约束性、预期性或未载明", "约束性"),
    Field("基期", "基期值；年份与规划期前一年不同的带年份", "40"),
    Field("实际", "数据年度的实际值", "48"),
    *(Field(f"第{at}年", f"规划期第{at}年的实际值", str(40 + 2 * at)) for at in range(1, MOST_YEARS + 1)),
    Field("目标", "期末目标值", "50"),
    Field("完成进度", "百分数，没有的为—", "80.0%"),
    Field("时间进度", "百分数", "60.0%"),
    Field("评价", "评价的词", "快于预期"),
    Field("标志", "灯的形状：●绿 ▲黄 ■红 –灰", "●"),
    Field("责任科室", "责任科室，没有的为—", "养老服务科"),
)
PARAGRAPH_COLUMNS = (
    Field("编号", "1. 2. 3. …", "1."),
    Field("标题", "指标名称和属性", "养老机构护理型床位占比（约束性）"),
    Field("正文", "整段文字", "2023年，养老机构护理型床位占比达到48%，比2020年提高8个百分点，完成规划目标的80%。"),
    Field("分述", "同上，不含指标名称，接在标题后用", "2023年达到48%，比2020年提高8个百分点，完成规划目标的80%。"),
)
FIELDS: tuple[Field, ...] = (
    Field("标题", "报告的标题", "示例市民政事业发展“十四五”规划中期评估报告"),
    Field("报告种类", "年度监测报告、中期评估报告或总结评估报告", "中期评估报告"),
    Field("报告名称", "标题里规划名称之后的部分", "中期评估报告"),
    Field("演示提示", "有演示数据时为“含演示数据，不是真实统计”，否则为空", "含演示数据，不是真实统计"),
    Field("规划名称", "规划的全称", "示例市民政事业发展“十四五”规划"),
    Field("规划简称", "规划的简称", "示例“十四五”"),
    Field("规划期", "起止年", "2021—2025年"),
    Field("地区", "行政区划名称", "示例市"),
    Field("编制单位", "民政部门名称", "示例市民政局"),
    Field("数据年度", "四位数字", "2023"),
    Field("报告日期", "生成报告当日（北京时间）", "2026年11月25日"),
    texts("工作概况", "评估的依据、范围和方法", "依据规划和审核的数据，对规划实施情况进行中期评估。"),
    Field("计数句", "各评价各有几项，与规划页一致", "指标表共2项指标：快于预期1项、滞后1项。"),
    texts("总体进展", "计数句、达标率，以及落后指标的名称", "2023年，指标表共2项指标：快于预期1项、滞后1项。"),
    Field("实际表头", "“实际”；数据年度未结束时为“预计”", "实际"),
    Field("目标年度", "规划期末年", "2025"),
    *(Field(f"第{at}年表头", f"规划期第{at}年的表头", f"{2020 + at}年") for at in range(1, MOST_YEARS + 1)),
    Field("指标表", "规划指标表的各行", columns=INDICATOR_COLUMNS),
    Field("其他指标表", "专栏和正文中的量化目标各行", columns=INDICATOR_COLUMNS),
    Field(
        "进度图",
        "进度图，图片占单独一段；可有多幅",
        columns=(
            Field("图片", "单独一段，换成图片", "〔图〕"),
            Field("图题", "图下的标题", "图1　2023年各指标完成进度与时间进度"),
        ),
    ),
    Field("指标段落", "指标表中各指标一段", columns=PARAGRAPH_COLUMNS),
    Field("其他指标段落", "专栏和正文中各量化目标一段", columns=PARAGRAPH_COLUMNS),
    texts("主要任务", "工作要点的总句和各章节的情况", "2项任务：已完成1项、进行中1项。"),
    texts("项目概况", "重点项目的总句", "2个项目，总投资5000万元。"),
    Field(
        "项目阶段表",
        "重点项目按阶段汇总",
        columns=(
            Field("阶段", "阶段", "实施中"),
            Field("个数", "项目个数", "2"),
            Field("总投资", "万元", "5000"),
            Field("完成投资", "累计完成投资，万元", "2000"),
            Field("完成率", "百分数", "40.0%"),
        ),
    ),
    Field(
        "项目表",
        "各重点项目",
        columns=(
            Field("序号", "规划所印序号", "1"),
            Field("项目", "项目名称", "社会福利院三期建设项目"),
            Field("总投资", "万元", "2500"),
            Field("阶段", "已审核的最近一月所报阶段，没有的为规划所载", "实施中"),
            Field("完成投资", "累计完成投资，万元", "1000"),
            Field("完成率", "百分数", "40.0%"),
            Field("截至", "数据所属月份", "2023年6月"),
            Field("情况", "逾期未完工、滞后、不滞后、已完工等", "滞后"),
        ),
    ),
    texts("项目问题", "各项目已审核的月报所填问题", "社会福利院三期建设项目（2023年6月）：前期手续办理较慢。"),
    Field(
        "问题",
        "落后的指标和所填原因",
        columns=(
            Field("标题", "指标和评价", "每千名老年人口拥有养老床位数（滞后）"),
            Field("正文", "填报时所写原因", "床位项目前期手续办理时间长。"),
            Field("责任科室", "责任科室，没有的为空", "养老服务科"),
        ),
    ),
    texts("数据问题", "未报送、暂缺、不适用的指标", "婚姻登记跨省通办实施率未报送2023年数据。"),
    texts("形势变化", "目标调整、职能划转、口径调整；其余由人补充", "〔请补充：规划实施环境和政策的变化〕"),
    texts("调整建议", "由人补充", "〔请补充：调整建议〕"),
    texts("下一步", "落后指标还差多少、每年需完成多少；其余由人补充", "〔请补充：下一步工作安排〕"),
)


def sample_data() -> dict[str, Plain]:
    """Plain sample data for every placeholder: two rows in each list."""
    return {field.name: _sample(field) for field in FIELDS}


def _sample(field: Field) -> Plain:
    if field.columns:
        return [{column.name: column.sample for column in field.columns} for _ in range(2)]
    return [field.sample] * 2 if field.is_list else field.sample
