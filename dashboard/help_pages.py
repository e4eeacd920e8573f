"""What the help page prints from the code itself: worked examples by the engine, thresholds, moves, roles, first steps.

The figures of the examples are invented and marked 举例; what is said of them is what the engine says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import User
from accounts.permissions import BACK_OFFICE, FLOWS_DOWN, ROLE_PERMISSIONS, Permission, Role
from indicators.assessment import assess
from indicators.figures import Operator, format_figure
from indicators.models import KIND_WORDS, State
from indicators.moves import MOVES, Move
from indicators.verdicts import (
    DEFAULT_POLICY,
    VERDICT_LIGHTS,
    VERDICT_WORDS,
    ActualPoint,
    Direction,
    Finding,
    IndicatorFacts,
    Kind,
    Light,
    Policy,
    Tally,
    TargetPoint,
    Verdict,
    tally,
)

# ---- Worked examples

YEAR, FINAL = 2023, 2025
BASELINE, TARGET = Decimal(40), Decimal(50)


def _facts(reached: str | None, *, year: int = YEAR, **others: object) -> IndicatorFacts:
    """护理型床位占比, 40 % in 2020, 50 % promised for 2025, and one figure reached."""
    actuals = () if reached is None else (ActualPoint(year, Decimal(reached), decimals=1),)
    facts = IndicatorFacts(
        kind=Kind.LEVEL,
        direction=Direction.UP,
        is_binding=False,
        start_year=2021,
        end_year=FINAL,
        baseline_year=2020,
        baseline=BASELINE,
        targets=(TargetPoint(FINAL, Operator.EQ, TARGET, decimals=1),),
        actuals=actuals,
    )
    return replace(facts, **others)  # type: ignore[arg-type]


def _found(reached: str | None, *, year: int = YEAR, is_due: bool = True, **others: object) -> Finding:
    return assess(_facts(reached, year=year, **others), year=year, is_due=is_due)


@dataclass(frozen=True, slots=True)
class Example:
    """One verdict: what it means, and a case in which the engine gives it."""

    finding: Finding
    meaning: str

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.finding.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.finding.verdict]


def _kept(reached: str) -> Finding:
    kept = (TargetPoint(FINAL, Operator.GE, TARGET, decimals=1),)
    return _found(reached, kind=Kind.HOLD, baseline=TARGET, targets=kept)


def verdict_examples() -> list[Example]:
    """Every word of the assessment once, in the order in which a sentence lists them."""
    cases = [
        (_found("52.0", year=FINAL), "目标年度，比目标好，且超过一个最小刻度"),
        (_found("50.0", year=FINAL), "目标年度，达到目标"),
        (_found("50.0"), "目标年度之前，已达到最终目标"),
        (_found("48.0"), "已达到路径上下一年的水平"),
        (_found("46.0"), "达到当年应达到的水平，或差距不足一个最小刻度"),
        (_found("49.8", year=FINAL), f"目标年度，差距不超过目标的{NEARLY_MET}；约束性指标不适用"),
        (_found("45.4"), f"当年未达到应达到的水平，比较系数不低于{MILD_LAG}"),
        (_found("43.0"), f"比较系数低于{MILD_LAG}"),
        (_kept("49.0"), "应保持的没有保持住，或比基期还差"),
        (_found("49.0", year=FINAL), "目标年度，没有达到目标"),
        (_found("45.0", baseline=None), "没有可据以评价的依据，原因写在后面；不算好也不算差"),
        (_found(None), "年度已结束，还没有已审核的数据"),
        (_found(None, is_due=False), "年度还没有结束"),
    ]
    return [Example(finding, meaning) for finding, meaning in cases]


def _percent(share: Decimal) -> str:
    return f"{format_figure((share * 100).normalize())}%"


MILD_LAG, NEARLY_MET = _percent(DEFAULT_POLICY.mild_lag_from), _percent(DEFAULT_POLICY.nearly_met_within)


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of indicator: how it is judged."""

    word: str
    rule: str
    example: str


def kind_lines() -> list[KindLine]:
    rules = {
        Kind.LEVEL: ("实际值与目标值比，看走完路程的多少", "护理型床位占比由40%提高到50%"),
        Kind.CUMULATIVE: ("规划期内各年之和与目标比，从零起算；缺一年就不完整", "五年新增床位1万张"),
        Kind.CUMULATIVE_REDUCTION: ("各年降幅连乘得累计降幅，进度 = ln(1 − r) ÷ ln(1 − R)", "五年累计下降17%"),
        Kind.ANNUAL_RATE: ("各年增速的几何平均与目标比，没有完成进度", "年均增长6%"),
        Kind.HOLD: ("每年都要在界内，低于界限为回落", "覆盖率保持100%"),
        Kind.RANGE: ("达到下限即可；只有写明“不得超过上限”的才看上限", "占比35%～40%"),
        Kind.RELATIVE: ("与当年填报的对照值比", "不低于居民人均消费支出增速"),
        Kind.QUALITATIVE: ("由人判定已达到、推进中或未达到，附佐证材料", "应保尽保"),
    }
    return [KindLine(KIND_WORDS[kind], rule, example) for kind, (rule, example) in rules.items()]


def counting_example() -> Tally:
    """Fifteen rows, two of which cannot be judged: one transferred to another office, one without a baseline."""
    met, path = (Verdict.EARLY, True, True), (Verdict.ON_TRACK, False, False)
    late, left_out = (Verdict.BEHIND, False, False), (Verdict.UNJUDGED, False, None)
    return tally([met] * 6 + [path] * 4 + [late] * 3 + [left_out] * 2)


# ---- The review and the roles


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One move of the review, as docs/review.md prints it."""

    word: str
    origins: str
    target: str
    holders: str
    needs_note: bool
    needs_open_round: bool


def move_lines() -> list[MoveLine]:
    """The table of moves, from `MOVES`."""
    return [
        MoveLine(
            Move(move).label,
            "、".join(state.label for state in State if state in rule.origins),
            rule.target.label if rule.target else "（不变）",
            "、".join(role.label for role, held in ROLE_PERMISSIONS.items() if rule.permission in held),
            rule.needs_note,
            rule.needs_open_round,
        )
        for move, rule in MOVES.items()
    ]


@dataclass(frozen=True, slots=True)
class PermissionLine:
    """One permission, whether it reaches the regions below, and which roles hold it."""

    word: str
    flows_down: bool
    held: list[bool]


def permission_lines() -> list[PermissionLine]:
    return [
        PermissionLine(
            permission.label, permission in FLOWS_DOWN, [permission in ROLE_PERMISSIONS[role] for role in Role]
        )
        for permission in Permission
    ]


# ---- The first ten minutes


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a beginner; `address` names the page it is taken on, `needs` who may open that."""

    text: str
    word: str = ""
    address: str = ""
    needs: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """A role's first ten minutes; a step without an address is one this reader cannot open."""

    role: Role
    purpose: str
    steps: list[Step]
    is_own: bool


HOME = ("首页", "home", ())
PLANS = ("规划", "plan_list", ())
UPLOADS = ("导入 Excel", "entry_import_list", (Permission.ENTER,))
ROUNDS = ("填报期", "round_list", (Permission.PLAN,))
BACK = ("后台", "admin:index", BACK_OFFICE)
PURPOSES = {
    Role.CLERK: "填报本科室的数据和项目进展，附佐证材料",
    Role.REVIEWER: "审核本局的数据：通过或写明理由退回，催报",
    Role.LEADER: "看本地和下级已审核的情况：哪些完成，哪些滞后，谁负责",
    Role.ANALYST: "取数：下载表格，用接口读取",
    Role.PLANNER: "管理规划、指标、目标和填报期",
    Role.SYSTEM: "管理人员、任职和设置，不看业务数据",
    Role.DISPLAY: "墙上的大屏专用账号，只能打开本地的大屏",
}
STEPS: dict[Role, list[Step]] = {
    Role.CLERK: [
        Step("改掉初始密码。", "改密码", "password"),
        Step("看“等我办理”：哪个规划哪一年还有几项没填，几项被退回，哪天截止。点“去填报”。", *HOME),
        Step("在填报表里逐格输入，回车到下一行；离开单元格即自动保存为草稿，“已保存”三个字出现才算存上。"),
        Step("没有数据的，在“数据情况”里选暂缺或不适用，并写明原因；0就是零，空白不是零。"),
        Step("也可以下载填报模板，在表格软件里填好再上传，先看新旧对照再确认。", *UPLOADS),
        Step("点“检查”，把标出的问题改好或写上说明，再提交审核。"),
        Step("退回的会回到首页，理由写在那一行；改好再提交一次。", *HOME),
    ],
    Role.REVIEWER: [
        Step("打开待审核清单：每行有上年、应达到、本年、变动和疑问。", "审核", "review_list", (Permission.REVIEW,)),
        Step("没有疑问的一次勾选，成批通过；有疑问的逐条看说明和佐证材料。"),
        Step("要改的写明理由退回。审核员不改数字，也不能通过自己填的数据。"),
        Step("重点项目和工作要点按月审核，办法相同。", "项目月报审核", "project_review", (Permission.REVIEW,)),
        Step("已通过的发现有误，在指标页写明理由重开，数据性质变为“修订”。", *PLANS),
        Step("看谁还没报，发催报邮件或复制通知文字。", "催报", "reminder_list", (Permission.REMIND,)),
    ],
    Role.LEADER: [
        Step("首页每个规划一句话：多少项完成，多少项滞后。", *HOME),
        Step("驾驶舱：谁滞后、差多少、谁负责、比上一期变了什么。", "驾驶舱", "cockpit"),
        Step("打开规划，看“指标表”上的灯；点灯色可以看评价的依据。", *PLANS),
        Step("“进度对比”看离应有进度差多远，“历年评价”看哪些连续几年滞后。"),
        Step("用上方的业务领域、属性、评价、责任科室筛选；地址栏里的网址可以直接转发。"),
        Step("点指标名，看逐年数据、说明、佐证材料和审核记录。"),
        Step("开会要用的，直接打印：A4横向，带表头、页码和签字栏。"),
    ],
    Role.ANALYST: [
        Step("“报表”里选表、选范围、看预览，再下载；规划页“导出”里也有。", "报表", "table_list", (Permission.EXPORT,)),
        Step("监测和评估报告按公文格式生成，先预览再下载。", "Word 报告", "word_report", (Permission.EXPORT,)),
        Step("每个文件的“说明”页写着口径、筛选条件、数据日期和数据状态。"),
        Step("行数多的文件在后台生成；有效期内，只有您本人能打开。", "我的导出", "export_list", (Permission.EXPORT,)),
        Step("图下的“本图数据”就是图上的数，可以直接复制。"),
        Step("批量取数用接口：字段说明和试用都在这里，数值是字符串，缺数是空值。", "接口", "api:docs"),
        Step("程序用的令牌自己生成，只显示一次，不用了就停用。", "接口令牌", "token_list", (Permission.EXPORT,)),
        Step("照着示例写：命令行、Python、Excel 都有，复制就能用。", "接口示例", "api_examples"),
        Step("指标怎么算、分子分母是什么、哪些规划在用，查指标库。", "指标库", "metric_list"),
    ],
    Role.PLANNER: [
        Step(
            "新建规划：读入指标表，或“接续下一期”；答完疑问再发布。", "规划草稿", "draft_list", (Permission.PLAN,)
        ),
        Step("核对规划和指标：名称、单位、类型、方向、基期、目标，应与文件所载一致。", *PLANS),
        Step("指标和责任科室在后台改；调整目标、改判评价在指标页办理，要写理由，原来的保留。", *BACK),
        Step("开放填报期：哪个规划，哪一年，哪天到哪天；个别科室可以延期。", *ROUNDS),
        Step("截止前看谁还没报，催报。", "催报", "reminder_list", (Permission.REMIND,)),
        Step("年度结束后在规划页“导出”里“上报存档”，再下载指标完成情况表报送；以后数据有修订，存档不变。", *PLANS),
    ],
    Role.SYSTEM: [
        Step("改掉初始密码。", "改密码", "password"),
        Step("在后台建立科室和人员；姓名和邮箱要填，催报邮件发到邮箱。", *BACK),
        Step("给每个人分配任职：在哪个行政区划，任什么角色；填报员可以只管几个科室。", *BACK),
        Step("填报和审核不要给同一个人：谁也不能通过自己填的数据。"),
        Step("离职的人停用，不要删除；停用后本人的接口令牌随之失效。", *BACK),
        Step(
            "本局的 Word 报告版式在这里安装，也可以恢复默认。",
            "报告模板",
            "report_template_list",
            (Permission.MANAGE_PEOPLE,),
        ),
    ],
    Role.DISPLAY: [
        Step("在大屏的电脑上用这个账号登录，直接进入大屏；登录保持三十天。"),
        Step("页面每十五秒自动翻一页，左右方向键翻页，空格键暂停；数字每三分钟更新一次。"),
        Step("右上角是数据时间；出现“连接中断”时，屏上仍是那一刻的数字。"),
    ],
}  # fmt: skip


def beginnings(user: User) -> list[Beginning]:
    """Every role's first ten minutes, the reader's own roles first; links only to what this person may open."""
    own = {membership.role for membership in user.held}

    def for_this_person(step: Step) -> Step:
        may = not step.needs or any(map(user.can, step.needs)) or (step.address == "admin:index" and user.is_superuser)
        return step if may else replace(step, address="")

    found = [
        Beginning(role, PURPOSES[role], [for_this_person(step) for step in STEPS[role]], role.value in own)
        for role in Role
    ]
    return sorted(found, key=lambda beginning: not beginning.is_own)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Everything the help page prints that is not plain words."""

    policy: Policy
    under_way: Finding
    closing: Finding
    binding: Finding
    no_baseline: Finding
    verdicts: list[Example]
    kinds: list[KindLine]
    counting: Tally
    moves: list[MoveLine]
    roles: list[str]
    permissions: list[PermissionLine]
    beginnings: list[Beginning]


def help_page(user: User) -> HelpPage:
    """The help page as this person reads it; no query besides their memberships."""
    return HelpPage(
        policy=DEFAULT_POLICY,
        under_way=_found("45.4"),
        closing=_found("49.8", year=FINAL),
        binding=_found("49.8", year=FINAL, is_binding=True),
        no_baseline=_found("45.0", baseline=None),
        verdicts=verdict_examples(),
        kinds=kind_lines(),
        counting=counting_example(),
        moves=move_lines(),
        roles=[role.label for role in Role],
        permissions=permission_lines(),
        beginnings=beginnings(user),
    )
