"""A function of x as a person types it: the text, the syntax tree that it is read into, and the tree written out again.

The text is a stranger's wherever a run folder comes from one, so it is never evaluated. Only numbers, operators,
parentheses and the names in `FUNCTIONS`, `CONSTANTS` and `VARIABLE` get past `_Reader`; of what remains Python's own
parser decides what belongs to what, and `_tree` takes over its nodes one by one. Bounds on length, depth and the size
of numbers keep everything done with a tree short.
"""

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from tui_runge.core.text import hint, printable, shorten

Operator = Literal["+", "-", "*", "/", "**"]

ARITHMETIC: dict[Operator, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
"""What the operators do, to numbers as to arrays."""
MAX_LENGTH = 500
"""The characters that a formula may have."""
MAX_DEPTH = 60
"""The nodes that may lie on one way down a tree."""
VARIABLE = "x"
CONSTANTS = {"pi": math.pi, "e": math.e}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number >= 0."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The variable x, or a constant."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus the operand."""

    operand: "Tree"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what joins them."""

    operator: Operator
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument, or of two for min and max."""

    function: str
    arguments: "tuple[Tree, ...]"


Tree = Number | Name | Negative | Binary | Call

X = Name(VARIABLE)


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sign": _sign,
    "heaviside": lambda x: (1 + _sign(x)) / 2,
    "erf": math.erf,
    "gamma": math.gamma,
    "min": min,
    "max": max,
}
"""The functions that a formula may call, for a single number."""
NAMES = (*FUNCTIONS, *CONSTANTS, VARIABLE)
TWO_ARGUMENTS = ("min", "max")
ALIASES = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "π": "pi", "√": "sqrt", "−": "-"}
ALIASES |= {"×": "*", "·": "*", "⋅": "*", "÷": "/", "^": "**"}
"""Other ways to write a name or an operator."""
DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
SUPERSCRIPTS = str.maketrans(DIGITS, "0123456789")
RAISED = str.maketrans("0123456789", DIGITS)

_TOKEN = re.compile(
    rf"""(?P<number>([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z_0-9]* | [π√])
    | (?P<raised>[{DIGITS}]+)
    | (?P<operator>\*\* | [-+*/^−×·⋅÷])
    | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    | (?P<space>\s+)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ADVICE = {
    "!": "write gamma(n + 1) for n!",
    "|": "write abs(x)",
    "=": "write the right-hand side only",
    **dict.fromkeys("[]{}", "write round parentheses"),
}
_KNOWN = "a formula has numbers, pi, e, + - * / ** ( ) and functions such as sin(x)"
_OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}


def parse(text: str) -> Tree:
    """The syntax tree of a formula in x; `2x` and `2 sin(x)` are products, `^` is a power.

    Raises ValueError, one line, that says what is wrong, at which character, and what to write instead.
    """
    tree = _parse(text)
    if (length := len(show(tree))) > MAX_LENGTH:
        raise ValueError(f"a formula may have {MAX_LENGTH} characters, but this one, written out, has {length}")
    return tree


@lru_cache(maxsize=256)
def canonical(text: str) -> str:
    """The canonical text of a formula; raises ValueError as `parse` does."""
    return show(parse(text))


def canonical_interval(text: str) -> str:
    """The canonical text of an interval; raises ValueError as `parse_interval` does."""
    parse_interval(text)
    return ",".join(map(canonical, _ends(text)))


def parse_interval(text: str) -> tuple[float, float]:
    """The ends of an interval such as `-2,2` or `-pi,pi`; raises ValueError naming the value and the rule."""
    low, high = map(parse_number, _ends(text))
    if not low < high:
        raise ValueError(f"an interval must begin below its end, got {_excerpt(text)}")
    if max(abs(low), abs(high)) > 1e6 or high - low < 1e-6 * max(abs(low), abs(high), 1e-3):
        raise ValueError(
            f"an interval must lie within ±1e6, a millionth of its ends wide or more, got {_excerpt(text)}"
        )
    return low, high


def parse_number(text: str) -> float:
    """The value of a formula without x, such as `2*pi`; raises ValueError as `parse` does, and where x stands in it."""
    tree = parse(text)
    if (value := constant(tree)) is None:
        raise ValueError(f"{_excerpt(text)} must be a number, without x")
    return value


def _ends(text: str) -> list[str]:
    """The texts of both ends of an interval."""
    parts = text.strip().removeprefix("[").removesuffix("]").split(",")
    if len(parts) != 2:
        raise ValueError(f"an interval must be two numbers, such as -2,2 or -pi,pi, got {_excerpt(text)}")
    return parts


def _parse(text: str) -> Tree:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a formula may have {MAX_LENGTH} characters, got {len(text)}")
    python = " ".join(_Reader(text).read())
    try:
        body = ast.parse(python, mode="eval").body
    except (SyntaxError, MemoryError, RecursionError):  # as deep as Python's own parser goes, no longer a formula
        raise ValueError(f"{_excerpt(text)} cannot be read: write a simpler formula") from None
    tree = _tree(body)
    constant(tree)
    return tree


@dataclass
class _Level:
    """The parentheses that a token stands in, `function`'s or plain ones, and the term that it belongs to there."""

    function: str
    position: int
    commas: int = 0
    divided: bool = False
    """Whether the term has a division with no `*` after it: then 2x could go above or below the line."""


class _Reader:
    """Reads the tokens of a formula and spells them as Python does, with all products written out.

    Raises ValueError on a text that is no formula, at the character where that shows.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.levels = [_Level("", 0)]
        self.expected: Literal["value", "operator", "parenthesis"] = "value"
        self.in_exponent = False
        """Whether the token before is the number of an exponent: then e^2x could be e^(2x)."""
        self.position = 0

    def read(self) -> list[str]:
        """The tokens of the whole text."""
        for found in _TOKEN.finditer(self.text):
            self.position = found.start()
            token = ALIASES.get(found[0], found[0])
            if found.lastgroup == "other":
                raise self._error(f"{_excerpt(token)} is not understood", _ADVICE.get(token, _KNOWN))
            if found.lastgroup != "space":
                getattr(self, f"_read_{found.lastgroup}")(token)
        self.position = len(self.text)
        self._expect_no_parenthesis()
        if self.expected == "value":
            raise self._error("a value is missing", "write a number, x or a function there")
        if len(self.levels) > 1:
            self.position = self.levels[-1].position
            raise self._error("'(' is never closed", "write ')' after it")
        return self.tokens

    def _error(self, what: str, advice: str) -> ValueError:
        at = f"character {self.position + 1}" if self.position < len(self.text) else "the end"
        return ValueError(f"{what} at {at} of {_excerpt(self.text, self.position)}: {advice}")

    def _expect_no_parenthesis(self) -> None:
        if self.expected == "parenthesis":
            raise self._error(f"{self.tokens[-1]} lacks parentheses", f"write {self.tokens[-1]}(x)")

    def _expect_value_before(self, token: str) -> None:
        self._expect_no_parenthesis()
        if self.expected == "value":
            raise self._error(f"a value is missing before {_excerpt(token)}", "write a number, x or a function there")

    def _multiply_by_what_follows(self) -> None:
        """Write the product that two values side by side mean."""
        if self.expected != "operator":
            return
        if self.levels[-1].divided:
            raise self._error("a product after a division is unclear", "write a/(b*c) or a/b*c")
        self.tokens.append("*")

    def _read_number(self, token: str) -> None:
        self._expect_no_parenthesis()
        if self.expected == "operator":
            raise self._error(f"an operator is missing before {_excerpt(token)}", "write a product as 2*x or 2x")
        self.in_exponent = "".join(self.tokens[-3:]).rstrip("+-").endswith("**")
        self.tokens.append(self._number(token))
        self.expected = "operator"

    def _number(self, token: str) -> str:
        if not math.isfinite(value := float(token)):
            raise self._error(f"{_excerpt(token)} is too large", "numbers are at most 1.8e308")
        return repr(value)

    def _read_raised(self, token: str) -> None:
        self._expect_value_before(token)
        self.tokens.append("**" + self._number(token.translate(SUPERSCRIPTS)))
        self.in_exponent = False

    def _read_name(self, token: str) -> None:
        self._expect_no_parenthesis()
        if token not in NAMES:
            raise self._error(f"unknown name {_excerpt(token, width=20)}", _advice_for_name(token))
        if self.expected == "operator" and self.in_exponent and not self.text[self.position - 1].isspace():
            raise self._error("a product after an exponent is unclear", "write a**(b*c) or a**b*c")
        self._multiply_by_what_follows()
        self.tokens.append(token)
        self.expected = "parenthesis" if token in FUNCTIONS else "operator"
        self.in_exponent = False

    def _read_operator(self, token: str) -> None:
        if token not in ("+", "-"):
            self._expect_value_before(token)
        self._expect_no_parenthesis()
        if self.expected == "operator" and token != "**":
            self.levels[-1].divided = token == "/"
        self.tokens.append(token)
        self.expected = "value"

    def _read_open(self, token: str) -> None:
        function = self.tokens[-1] if self.expected == "parenthesis" else ""
        self._multiply_by_what_follows()
        self.levels.append(_Level(function, self.position))
        if len(self.levels) > MAX_DEPTH:
            raise self._error("parentheses are nested too deep", f"at most {MAX_DEPTH - 1} may be")
        self.tokens.append(token)
        self.expected = "value"

    def _read_comma(self, token: str) -> None:
        self._expect_value_before(token)
        if self.levels[-1].function not in TWO_ARGUMENTS:
            raise self._error("a comma is not understood", "write 0.5 for a half; only min and max have two arguments")
        self.levels[-1].commas += 1
        self.levels[-1].divided = False
        self.tokens.append(token)
        self.expected = "value"

    def _read_close(self, token: str) -> None:
        self._expect_value_before(token)
        if len(self.levels) == 1:
            raise self._error("')' closes nothing", "write '(' before it, or leave it out")
        level = self.levels.pop()
        if level.function in TWO_ARGUMENTS and not level.commas:
            raise self._error(f"{level.function} has one argument", f"write {level.function}(a, b)")
        self.tokens.append(token)
        self.in_exponent = False


def _advice_for_name(name: str) -> str:
    """What to write for a name that no formula has."""
    if name[0] == VARIABLE and name[1:] in NAMES:
        return f"did you mean x*{name[1:]}?"
    near = hint(name.lower(), NAMES)
    if near.startswith(": did"):
        return near.removeprefix(": ")
    return "x is the only variable, functions are sin, exp, abs and the like"


def _excerpt(text: str, position: int = 0, width: int = 50) -> str:
    """What of a text stands around a position, in quotes, fit to be shown."""
    start = max(0, position - width // 2)
    return f"'{'…' if start else ''}{shorten(printable(text[start : start + width + 1]), width)}'"


def _tree(node: ast.expr, depth: int = 1) -> Tree:
    """The tree of what Python's parser made of the tokens of a formula."""
    if depth > MAX_DEPTH:
        raise ValueError(f"a formula may be {MAX_DEPTH} deep, or sum {MAX_DEPTH - 1} terms: write a shorter one")
    match node:
        case ast.Constant(value=float(value)):
            return Number(value)
        case ast.Name(id=name):
            return Name(name)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            tree = _tree(operand, depth + 1)
            return Negative(tree) if isinstance(sign, ast.USub) else tree
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _OPERATORS:
            return Binary(_OPERATORS[type(kind)], _tree(left, depth + 1), _tree(right, depth + 1))
        case ast.Call(func=ast.Name(id=function), args=[argument]):
            return Call(function, (_tree(argument, depth + 1),))
        case ast.Call(func=ast.Name(id=function), args=[*others, last]):  # min(a, b, c) is min(min(a, b), c)
            first = others[0] if len(others) == 1 else ast.Call(node.func, others, [])
            return Call(function, (_tree(first, depth + 1), _tree(last, depth + 1)))
    raise ValueError(f"{type(node).__name__} is not understood: {_KNOWN}")


def children(tree: Tree) -> tuple[Tree, ...]:
    """The operands or arguments of a node."""
    match tree:
        case Negative(operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def constant(tree: Tree) -> float | None:
    """The value of a tree, or None where x stands in it.

    Raises ValueError naming a part without x that is no finite number, such as 9**9**9**9 or log(-1).
    """
    if tree == X:
        return None
    values = [constant(child) for child in children(tree)]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    try:
        value = _apply(tree, known)
    except (ArithmeticError, ValueError):
        value = math.nan
    if isinstance(value, complex) or not math.isfinite(value):
        raise ValueError(f"{shorten(show(tree), 60)} is not a finite number: numbers are real, and at most 1.8e308")
    return value


def _apply(tree: Tree, values: list[float]) -> float:
    """The value of a node from those of its children."""
    match tree:
        case Number(value):
            return value
        case Name(name):
            return CONSTANTS[name]
        case Negative():
            return -values[0]
        case Call(function):
            return float(FUNCTIONS[function](*values))
        case Binary(symbol):
            joined: float = ARITHMETIC[symbol](*values)
            return joined


_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)


def _rank(tree: Tree) -> int:
    """How tightly a node binds: one that binds less than its place asks is put into parentheses."""
    match tree:
        case Binary("+" | "-"):
            return _SUM
        case Binary("*" | "/"):
            return _PRODUCT
        case Negative():
            return _SIGN
        case Binary():
            return _POWER
    return _ATOM


def show(tree: Tree) -> str:
    """The canonical text of a tree, such as exp(-x**2)*sin(8*x), which `parse` reads back."""
    return _write(tree, _canonical)


def show_readable(tree: Tree) -> str:
    """The tree as a formula in print, such as exp(-x²) sin(8x), which `parse` reads back too."""
    return _write(tree, _readable)


def _canonical(tree: Binary, left: str, right: str) -> str:
    return left + tree.operator + right


def _readable(tree: Binary, left: str, right: str) -> str:
    match tree:
        case Binary("**", _, Number(value)) if value.is_integer() and value < 10:
            return left + right.translate(RAISED)
        case Binary("**"):
            return f"{left}^{right}"
        case Binary("*", before, after) if not _divides(before) and (right[0].isalpha() or right[0] == "("):
            return left + right if _is_number(before) and _begins_with_x(after) else f"{left} {right}"
    return f"{left} {tree.operator} {right}"


def _divides(tree: Tree) -> bool:
    """Whether a product ends in a division, after which it would not be clear what an implied factor belongs to."""
    return isinstance(tree, Binary) and tree.operator == "/"


def _is_number(tree: Tree) -> bool:
    return isinstance(tree, Number) or (isinstance(tree, Negative) and isinstance(tree.operand, Number))


def _begins_with_x(tree: Tree) -> bool:
    return tree == X or (isinstance(tree, Binary) and tree.operator == "**" and tree.left == X)


def _write(tree: Tree, join: Callable[[Binary, str, str], str]) -> str:
    def part(child: Tree, rank: int) -> str:
        text = _write(child, join)
        return text if _rank(child) >= rank else f"({text})"

    match tree:
        case Number(value):
            return repr(value).removesuffix(".0")
        case Name(name):
            return name
        case Negative(operand):
            return "-" + part(operand, _SIGN)
        case Call(function, arguments):
            return f"{function}({', '.join(_write(argument, join) for argument in arguments)})"
        case Binary("**", left, right):
            return join(tree, part(left, _ATOM), part(right, _SIGN))
        case Binary(_, left, right):
            rank = _rank(tree)
            return join(tree, part(left, rank), part(right, rank + 1))
