"""What a reviewer would otherwise have to remember: who may import whom, how rows are reached, what a page may hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts.permissions import ROLE_PERMISSIONS, Permission
from indicators.models import State
from indicators.moves import MOVES, Rule

ROOT = Path(settings.BASE_DIR)
HOUSE = ("accounts", "plans", "indicators", "projects", "reports", "dashboard", "civplan")
PURE = [
    f"indicators/{name}.py"
    for name in ("figures", "verdicts", "paths", "tracks", "assessment", "sparklines", "derivations", "parts")
]
PURE_BUT_FOR_CHOICES = ["accounts/regions.py", "plans/rounds.py"]
NOT_OURS = {".venv", "node_modules", "vendor", "staticfiles", "var", "test-results"}
NOT_OURS |= {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def modules() -> list[Path]:
    return sorted(file for app in HOUSE for file in (ROOT / app).rglob("*.py"))


def imports_of(file: Path) -> set[str]:
    """The modules a file imports, at its head or inside a function, by their full name."""
    found: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name_of(file)}:{node.lineno} imports by a relative name"
            found.add(str(node.module))
    return found


# ---- Who may import whom


@pytest.mark.parametrize("app", HOUSE)
def test_an_app_imports_only_itself_and_those_to_its_left(app: str) -> None:
    forbidden = HOUSE[HOUSE.index(app) + 1 :]
    reached = {
        f"{name_of(file)} imports {module}"
        for file in (ROOT / app).rglob("*.py")
        for module in imports_of(file)
        if module.split(".")[0] in forbidden
    }
    assert reached == set()


@pytest.mark.parametrize("name", PURE)
def test_the_arithmetic_imports_neither_django_nor_a_model(name: str) -> None:
    standard = {"__future__", "collections", "dataclasses", "decimal", "enum", "functools", "itertools", "math", "re"}
    standard |= {"typing", "unicodedata"}
    leaves = {leaf.removesuffix(".py").replace("/", ".") for leaf in PURE}
    reached = {module for module in imports_of(ROOT / name) if module.split(".")[0] not in standard}
    assert reached <= leaves


@pytest.mark.parametrize("name", PURE_BUT_FOR_CHOICES)
def test_dates_and_codes_take_nothing_of_django_but_the_choices(name: str) -> None:
    taken = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree_of(ROOT / name))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert taken <= {"django.db.models.TextChoices", "datetime.date"}


def test_no_file_is_named_for_leftovers() -> None:
    leftovers = {"utils", "helpers", "common", "core", "services", "misc"}
    assert [name_of(file) for file in modules() if leftovers & set(file.with_suffix("").parts)] == []


# ---- How rows are reached

MANAGERS = {"objects", "_default_manager", "_base_manager"}
ASKS_WHO = {"visible_to", "enterable_by"}
FOR_NOBODY = {
    "reports/documents.py": "load_plans writes what the five documents say; it acts for no user",
    "reports/exports/worker.py": "the worker acts for no user; its jobs reach rows as the person who asked",
    "reports/exports/clearing.py": "clear_exports deletes what has expired; it acts for no user",
    "reports/demo/people.py": "load_demo and remove_demo write and delete marked rows; they act for no user",
}
BELONGS_TO_NO_REGION = {
    "indicators/api/definitions.py:MetricViewSet:Metric": "shared; get_queryset asks for a right to see plans",
    "plans/api.py:theme_filter:Theme": "the themes are one list for everybody",
    "reports/drafts/queries.py:Reference.themes:Theme": "the themes are one list for everybody",
    "reports/drafts/queries.py:Reference.dictionary:Metric": "the dictionary is shared; a draft's planner looks in it",
}
UNDER_A_VISIBLE_ROW = {
    "indicators/api/actuals.py:ActualFilter.assessed_as:Assessment": "a subquery on figures that are visible already",
}


def reached_rows(node: ast.AST, scope: str = "", calls: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Each manager that is used without asking who reads, as (where, model).

    `calls` are the methods called on what the walk is inside of: `Plan.objects.visible_to(…).get(…)` asks.
    A viewset's `queryset` is only what ReadOnlyViewSet.get_queryset asks about, unless the class has its own.
    """
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        own = f"{scope}.{node.name}".lstrip(".")
        bases = [ast.unparse(base).split("[")[0] for base in getattr(node, "bases", ())]
        methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        is_asked = "ReadOnlyViewSet" in bases and "get_queryset" not in methods
        for part in ast.iter_child_nodes(node):
            target = part.targets[0] if isinstance(part, ast.Assign) else None
            if not (is_asked and isinstance(target, ast.Name) and target.id == "queryset"):
                yield from reached_rows(part, own)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from reached_rows(node.func.value, scope, calls | {node.func.attr})
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from reached_rows(argument, scope)
    elif isinstance(node, ast.Attribute):
        if node.attr in MANAGERS and not calls & ASKS_WHO:
            yield scope, ast.unparse(node.value)
        yield from reached_rows(node.value, scope, calls)
    else:
        for part in ast.iter_child_nodes(node):
            yield from reached_rows(part, scope)


def files_that_answer_people() -> list[Path]:
    named = {"views", "api", "forms"}  # a file of that name, or a folder of files
    return [
        file
        for file in modules()
        if ({file.stem, file.parent.name} & named or (ROOT / "reports") in file.parents)
        and name_of(file) not in FOR_NOBODY
    ]


def unasked() -> set[str]:
    return {
        f"{name_of(file)}:{where}:{model}"
        for file in files_that_answer_people()
        for where, model in reached_rows(tree_of(file))
    }


def test_rows_are_reached_only_by_asking_who_reads() -> None:
    assert unasked() - set(BELONGS_TO_NO_REGION) - set(UNDER_A_VISIBLE_ROW) == set()


def test_no_exception_outlives_its_reason() -> None:
    assert set(BELONGS_TO_NO_REGION) | set(UNDER_A_VISIBLE_ROW) <= unasked()
    assert [name for name in FOR_NOBODY if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("Plan.objects.visible_to(user).get(code=code)", []),
        ("Plan.objects.select_related('region').visible_to(user)", []),
        ("Indicator.objects.enterable_by(user)", []),
        ("Plan.objects.all()", ["Plan"]),
        ("get_object_or_404(Plan, pk=1, rows=Plan.objects)", ["Plan"]),
        ("Plan.objects.filter(pk__in=Indicator.objects.visible_to(user))", ["Plan"]),
        ("Indicator.objects.visible_to(user).prefetch_related(Prefetch('x', Actual.objects.all()))", ["Actual"]),
        ("class V(ReadOnlyViewSet[Plan]):\n    queryset = Plan.objects.all()", []),
        ("class V(ModelViewSet):\n    queryset = Plan.objects.all()", ["Plan"]),
        ("class V(ReadOnlyViewSet):\n    queryset = Plan.objects.all()\n    def get_queryset(self): ...", ["Plan"]),
    ],
)
def test_the_search_for_unasked_rows_finds_them(code: str, found: list[str]) -> None:
    assert [model for _, model in reached_rows(ast.parse(code))] == found


def views() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (name_of(file), node)
        for file in modules()
        if file.name == "views.py"
        for node in tree_of(file).body
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "request"
    ]


def test_every_view_says_its_method_first() -> None:
    """GET never writes; a private function that finishes a view's answer has no decorator to say so."""
    outermost = {
        f"{file}:{view.name}": ast.unparse(view.decorator_list[0]) if view.decorator_list else None
        for file, view in views()
        if not view.name.startswith("_")
    }
    assert outermost != {}
    assert set(outermost.values()) <= {"require_safe", "require_GET", "require_POST"}


# ---- Migrations


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_hand() -> None:
    names = [file.stem for app in HOUSE for file in (ROOT / app).glob("migrations/[0-9]*.py")]
    assert names != []
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z][a-z_]+", name) or "auto" in name] == []


# ---- What a page may hold

NEVER_IN_A_TEMPLATE = {
    "text that is not escaped": r"\|\s*safe(seq)?\b|autoescape\s+off",
    "a script written into the page": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
    "a style written into the page": r"<style\b|\sstyle\s*=",
    "a handler written into the page": r"\son[a-z]+\s*=|\shx-on|javascript:",
}
ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z0-9.-]+", re.IGNORECASE)


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.*"))


def assets() -> list[Path]:
    own = (file for file in (ROOT / "static").rglob("*") if file.is_file())
    return sorted(file for file in own if "vendor" not in file.parts)


@pytest.mark.parametrize("what", NEVER_IN_A_TEMPLATE)
def test_a_template_never_holds(what: str) -> None:
    pattern = re.compile(NEVER_IN_A_TEMPLATE[what])
    assert {name_of(file): found for file in templates() if (found := pattern.findall(file.read_text()))} == {}
    assert templates() != []


def test_python_marks_nothing_as_safe_and_puts_nothing_into_markup_by_hand() -> None:
    marked = [name_of(file) for file in modules() if "mark_safe" in file.read_text(encoding="utf-8")]
    by_hand = [
        f"{name_of(file)}:{node.lineno}"
        for file in modules()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("format_html")
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert (marked, by_hand) == ([], [])


def test_pages_and_assets_name_no_address_elsewhere() -> None:
    found = {}
    for file in [*templates(), *assets()]:
        text = re.sub(r'xmlns(:\w+)?="[^"]*"', "", file.read_text(encoding="utf-8"))
        if addresses := ELSEWHERE.findall(text):
            found[name_of(file)] = addresses
    assert found == {}


# ---- Settings, requirements, commands


def test_every_variable_that_is_read_is_explained_and_the_other_way_round() -> None:
    explained = re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    variable = re.compile(r"CIVPLAN_[A-Z_]+|DATABASE_URL|EMAIL_URL")
    read = {
        node.value
        for file in modules()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and variable.fullmatch(node.value)
    }
    assert sorted(explained) == sorted(read)


LOCKS = sorted(file.name for file in ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_exact_versions_and_hashes_only(name: str) -> None:
    """No index, no address, no path: where packages come from is the machine's matter."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    entry = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[0-9][a-z0-9.!+]*( ; [^/\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*"
    )
    assert [line for line in entries if not entry.fullmatch(line)] == []
    assert entries != []


def test_there_is_a_lock_to_run_and_one_to_develop() -> None:
    assert {"requirements.txt", "requirements-dev.txt"} <= set(LOCKS)


def packages_of(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def asked_for(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", line)[0].lower() for line in lines}


def test_everything_asked_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, develop = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    assert asked_for(run) - packages_of("requirements.txt") == set()
    assert asked_for(run + develop) - packages_of("requirements-dev.txt") == set()


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    reasons = dict(re.findall(r'^ {4}"([^"]+)", +# (.{5,})$', text, re.MULTILINE))
    assert [line for line in wanted if line not in reasons] == []


def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))


def test_the_commands_of_the_readme_are_make_targets() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    as_code = re.findall(r"`([^`\n]+)`", readme) + re.findall(r"^(?: {4}|\$ )?(make .+)$", readme, re.MULTILINE)
    named = {target for code in as_code for target in re.findall(r"\bmake ([a-z][a-z-]*)", code)}
    assert {"run", "test", "install"} <= named
    assert named <= make_targets()


def test_there_are_at_most_ten_make_targets_and_each_is_declared() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert {target for line in declared for target in line.split()} == make_targets()
    assert len(make_targets()) <= 10


def test_the_front_end_lock_has_a_hash_for_each_package_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched != {}
    assert [name for name, package in fetched.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


# ---- The tree itself


def files_of_the_tree() -> list[Path]:
    """What git holds or would add; without a repository, what lies outside the ignored folders."""
    if not (ROOT / ".git").exists():
        every = (file for file in ROOT.rglob("*") if file.is_file())
        return sorted(file for file in every if not NOT_OURS & set(file.relative_to(ROOT).parts))
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout  # noqa: S603
    return sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def test_no_file_names_a_folder_of_the_machine_it_was_made_on() -> None:
    folders = "|".join(("work", "root", "tmp", "home", "Users", "mnt"))
    machine = re.compile(rf"(?<![\w.}}/*-])/(?:{folders})/[\w.-]+")
    found = {}
    for file in files_of_the_tree():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if named := machine.findall(text):
            found[name_of(file)] = named
    assert found == {}


# ---- The table of moves, as people read it


def moves_as_markdown() -> str:
    """docs/review.md: every move of a figure, from `indicators.moves.MOVES`."""
    yes = {True: "是", False: ""}
    lines = [
        "# The review 审核流程",
        "",
        "数据的每一步都在这张表里：页面、接口、导入和后台管理都照此办理。",
        "本页由 `indicators/moves.py` 的 `MOVES` 生成，`tests/test_house.py` 核对两者一致。",
        "",
        "| 操作 | 从 | 到 | 所需权限 | 可由谁办理 | 须写理由 | 须在填报期内 |",
        "|---|---|---|---|---|---|---|",
    ]
    for move, rule in MOVES.items():
        target = rule.target.label if rule.target else "（不变）"
        cells = (move.label, _origins(rule), target, rule.permission.label, _holders(rule.permission))
        lines.append(f"| {' | '.join(cells)} | {yes[rule.needs_note]} | {yes[rule.needs_open_round]} |")
    return "\n".join(lines) + "\n"


def _origins(rule: Rule) -> str:
    return "、".join(state.label for state in State if state in rule.origins)


def _holders(permission: Permission) -> str:
    return "、".join(role.label for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions)


def test_the_page_about_the_review_says_what_the_table_of_moves_says() -> None:
    assert (ROOT / "docs" / "review.md").read_text(encoding="utf-8") == moves_as_markdown()
