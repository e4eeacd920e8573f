"""What the API's description says of every address alike: CSV, ETag, and the refusals that any of them may give."""

from __future__ import annotations

from typing import Any

_REFUSALS = {
    "401": "没有登录，或令牌无效、停用、过期",
    "429": "请求过于频繁；Retry-After 为应等待的秒数",
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "上次回答的 ETag；内容没有变化时回答304，不再传内容",
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "内容的标记，下次放在 If-None-Match 里"}}


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: the finished description, with what no single view would say of itself."""
    for operations in result["paths"].values():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status, said in _REFUSALS.items():
                responses.setdefault(status, {"description": said})
            content = responses.get("200", {}).get("content", {})
            if "text/csv" in content:
                content["text/csv"] = {"schema": {"type": "string"}}
            if method == "get" and "application/json" in content:
                operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
                responses["200"]["headers"] = _ETAG
                responses["304"] = {"description": "内容与上次相同"}
    return result
