"""What the fields of a read row are called on a page."""

from django import template

register = template.Library()

_WORDS = {
    "number": "序号",
    "category": "类别",
    "name": "名称",
    "unit": "单位",
    "baseline": "基期",
    "attribute": "属性",
    "kind": "类型",
    "direction": "方向",
    "rate": "年均或累计",
    "department": "责任单位",
    "remark": "备注",
    "parent": "上级",
    "location": "建设地点",
    "total_investment": "总投资",
    "years": "起止年限",
    "years_text": "起止年限",
    "content": "建设内容",
    "stage": "进展",
    "stage_text": "进展",
    "units": "实施单位",
    "funding": "资金来源",
    "funding_sources": "资金来源",
}


@register.filter
def draft_field(name: str) -> str:
    """target 2025 → 2025年目标; what has no word of its own is called 其他."""
    head, _, year = name.partition(" ")
    if year.isdigit():
        return f"{year}年{'目标' if head == 'target' else '实际'}"
    return _WORDS.get(head, "其他")
