"""The derivative of a formula, by a rule for each function.

Rules rather than SymPy's `diff`, on purpose. They take milliseconds, where loading SymPy alone takes half a second, and
a bounded time, where SymPy works on towers of powers and on min and max of formulas for minutes; the tests hold them
against SymPy. And the formula that is evaluated is ours to choose: f'/f of a denominator is found first, so that
1/cosh(400*x) gives -400*tanh(400*x)/cosh(400*x), where sinh/cosh**2 would overflow to inf/inf.

At a kink, and at a jump, f' is the mean of both sides: sign(0) is 0, heaviside(0) is 1/2. What a jump of `sign` or
`heaviside` would add to f', an impulse, is left out.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from tui_runge.core.formula import Binary, Call, Name, Negative, Number, Tree, X, children

ONE = Number(1.0)
TWO = Number(2.0)


@lru_cache(maxsize=64)
def derivative(tree: Tree) -> Tree:
    """The derivative with respect to x, with like terms and factors collected.

    Raises ValueError where one of its numbers would be too large for float64.
    """
    try:
        return _derivative(tree)
    except OverflowError:
        raise ValueError("the derivative has numbers beyond 1.8e308: write smaller ones") from None


def depends_on_x(tree: Tree) -> bool:
    """Whether x stands in a tree."""
    return tree == X or any(map(depends_on_x, children(tree)))


def _derivative(tree: Tree) -> Tree:  # noqa: PLR0911 a table of rules
    if not depends_on_x(tree):
        return Number(0.0)
    match tree:
        case Negative() | Binary("+" | "-"):
            return total((sign, _derivative(term)) for sign, term in _terms(tree))
        case Binary("*", left, right):
            return total([(1, product(_derivative(left), right)), (1, product(left, _derivative(right)))])
        case Binary("/", left, right):
            fall = product(tree, logarithmic_derivative(right))
            return total([(1, quotient(_derivative(left), right)), (-1, fall)])
        case Binary("**", base, exponent) if not depends_on_x(exponent):
            lower = power(base, total([(1, exponent), (-1, ONE)]))
            return product(exponent, lower, _derivative(base))
        case Binary("**", Number(0.0), _):
            return Number(0.0)  # where it has a value, and there log(0) has none
        case Binary("**", base, exponent):
            return product(tree, _derivative_of_logarithm_of_power(base, exponent))
        case Call(("min" | "max") as function, (left, right)):
            over = Call("heaviside", (total([(1, left), (-1, right)]),))
            under = Call("heaviside", (total([(1, right), (-1, left)]),))
            of_left, of_right = (over, under) if function == "max" else (under, over)
            return total([(1, product(_derivative(left), of_left)), (1, product(_derivative(right), of_right))])
        case Call(function, (u,)):
            return _derivative_of_call(function, u)
    return ONE


def _derivative_of_call(function: str, u: Tree) -> Tree:  # noqa: C901, PLR0911, PLR0912 a table of rules
    """The derivative of a function of one argument u, times u'."""
    du = _derivative(u)
    match function:
        case "sin":
            return product(Call("cos", (u,)), du)
        case "cos":
            return product(Negative(Call("sin", (u,))), du)
        case "tan":
            return quotient(du, power(Call("cos", (u,)), TWO))
        case "asin":
            return quotient(du, _root(total([(1, ONE), (-1, power(u, TWO))])))
        case "acos":
            return quotient(Negative(du), _root(total([(1, ONE), (-1, power(u, TWO))])))
        case "atan":
            return quotient(du, total([(1, ONE), (1, power(u, TWO))]))
        case "sinh":
            return product(Call("cosh", (u,)), du)
        case "cosh":
            return product(Call("sinh", (u,)), du)
        case "tanh":
            return quotient(du, power(Call("cosh", (u,)), TWO))
        case "asinh":
            return quotient(du, _root(total([(1, power(u, TWO)), (1, ONE)])))
        case "acosh":
            return quotient(du, product(_root(total([(1, u), (-1, ONE)])), _root(total([(1, u), (1, ONE)]))))
        case "atanh":
            return quotient(du, total([(1, ONE), (-1, power(u, TWO))]))
        case "log":
            return logarithmic_derivative(u)
        case "sqrt":
            return quotient(du, product(TWO, _root(u)))
        case "abs":
            return product(Call("sign", (u,)), du)
        case "erf":
            bell = Call("exp", (Negative(power(u, TWO)),))
            return quotient(product(TWO, bell, du), _root(Name("pi")))
        case "exp" | "gamma":
            return product(Call(function, (u,)), logarithmic_derivative(Call(function, (u,))))
        case "sign" | "heaviside":
            return Number(0.0)
    raise AssertionError(f"no rule for {function}")


def logarithmic_derivative(tree: Tree) -> Tree:  # noqa: C901, PLR0911 a table of rules
    """The derivative of log|f|, which is f'/f, without what cancels in that quotient."""
    if not depends_on_x(tree):
        return Number(0.0)
    match tree:
        case Negative(operand):
            return logarithmic_derivative(operand)
        case Binary("*", left, right):
            return total([(1, logarithmic_derivative(left)), (1, logarithmic_derivative(right))])
        case Binary("/", left, right):
            return total([(1, logarithmic_derivative(left)), (-1, logarithmic_derivative(right))])
        case Binary("**", base, exponent):
            return _derivative_of_logarithm_of_power(base, exponent)
        case Call("sqrt", (u,)):
            return quotient(logarithmic_derivative(u), TWO)
        case Call("exp", (u,)):
            return _derivative(u)
        case Call("cosh", (u,)):
            return product(Call("tanh", (u,)), _derivative(u))
        case Call("sinh", (u,)):
            return quotient(_derivative(u), Call("tanh", (u,)))
        case Call("gamma", (u,)):  # digamma stands only in derivatives: it cannot be typed
            return product(Call("digamma", (u,)), _derivative(u))
    return quotient(_derivative(tree), tree)


def _derivative_of_logarithm_of_power(base: Tree, exponent: Tree) -> Tree:
    """The derivative of exponent * log(base)."""
    rise: Tree = _derivative(exponent)
    if base != Name("e"):
        rise = product(rise, Call("log", (base,)))
    return total([(1, rise), (1, product(exponent, logarithmic_derivative(base)))])


def _root(tree: Tree) -> Tree:
    return power(tree, Number(0.5))


def power(base: Tree, exponent: Tree) -> Tree:
    """base**exponent, collected."""
    if (known := _rational(exponent)) is None:
        return Binary("**", base, exponent)
    coefficient, factors = _factors(base)
    if len(factors) == 1 and coefficient == 1 and known.denominator == 1:
        ((inner, inside),) = factors.items()
        return _product(Fraction(1), {inner: inside * known})
    return _product(Fraction(1), {base: known})


def product(*parts: Tree) -> Tree:
    """The product of trees, numbers multiplied out and powers of the same base collected."""
    return _collected(parts, ())


def quotient(above: Tree, below: Tree) -> Tree:
    """One tree over another, collected as a product is; over 0 nothing can be."""
    return Binary("/", above, below) if _factors(below)[0] == 0 else _collected((above,), (below,))


def _collected(above: Iterable[Tree], below: Iterable[Tree]) -> Tree:
    coefficient, collected = Fraction(1), dict[Tree, Fraction]()
    for part, side in [*((part, 1) for part in above), *((part, -1) for part in below)]:
        number, factors = _factors(part)
        coefficient *= number**side
        for base, exponent in factors.items():
            collected[base] = collected.get(base, Fraction(0)) + side * exponent
    return _product(coefficient, collected)


def _factors(tree: Tree) -> tuple[Fraction, dict[Tree, Fraction]]:
    """A tree as a number times powers with rational exponents, by base."""
    match tree:
        case Number(value):
            return _fraction(value), {}
        case Negative(operand):
            number, factors = _factors(operand)
            return -number, factors
        case Binary("*" | "/" as operator, left, right):
            number, factors = _factors(left)
            other, others = _factors(right)
            side = 1 if operator == "*" else -1
            if other == 0 and side < 0:
                return Fraction(1), {tree: Fraction(1)}
            for base, exponent in others.items():
                factors[base] = factors.get(base, Fraction(0)) + side * exponent
            return number * other**side, factors
    base, power_of_it = _power(tree)
    return Fraction(1), {base: power_of_it}


def _power(tree: Tree) -> tuple[Tree, Fraction]:
    """A tree as a base and a rational exponent."""
    match tree:
        case Binary("**", base, exponent) if (known := _rational(exponent)) is not None:
            return base, known
        case Call("sqrt", (u,)):
            return u, Fraction(1, 2)
    return tree, Fraction(1)


def _product(coefficient: Fraction, factors: dict[Tree, Fraction]) -> Tree:
    """The tree of what `_factors` takes apart."""
    if coefficient == 0:
        return Number(0.0)
    ordered = sorted(factors.items(), key=lambda factor: _place(factor[0]))
    above = [_raised(base, exponent) for base, exponent in ordered if exponent > 0]
    below = [_raised(base, -exponent) for base, exponent in ordered if exponent < 0]
    number, divisor = _written(abs(coefficient))
    if number != ONE or not above:
        above.insert(0, number)
    if divisor != ONE:
        below.insert(0, divisor)
    if coefficient < 0:
        above[0] = Negative(above[0])
    return Binary("/", _joined(above), _joined(below)) if below else _joined(above)


def _place(base: Tree) -> int:
    """Where a factor is written in a product: as in 2*pi*x*sin(x)."""
    return 1 if base == X else 0 if isinstance(base, Name) else 2


def _joined(factors: list[Tree]) -> Tree:
    joined = factors[0]
    for factor in factors[1:]:
        joined = Binary("*", joined, factor)
    return joined


def _raised(base: Tree, exponent: Fraction) -> Tree:
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return Call("sqrt", (base,))
    number, divisor = _written(exponent)
    return Binary("**", base, number if divisor == ONE else Binary("/", number, divisor))


def total(terms: Iterable[tuple[int, Tree]]) -> Tree:
    """The sum of trees with signs, like terms collected."""
    collected: dict[Tree, Fraction] = {}
    for outer, tree in terms:
        for sign, term in _terms(tree, outer):
            number, factors = _factors(term)
            rest = _product(Fraction(1), factors)
            collected[rest] = collected.get(rest, Fraction(0)) + sign * number
    written = [_scaled(coefficient, term) for term, coefficient in collected.items() if coefficient != 0]
    if not written:
        return Number(0.0)
    joined = written[0]
    for term in written[1:]:
        joined = _plus(joined, term)
    return joined


def _plus(joined: Tree, term: Tree) -> Tree:
    """A sum with one more term, whose minus becomes that of the sum."""
    number, _ = _factors(term)
    return Binary("-", joined, product(Negative(term))) if number < 0 else Binary("+", joined, term)


def _scaled(coefficient: Fraction, term: Tree) -> Tree:
    number, factors = _factors(term)
    return _product(coefficient * number, factors)


def _terms(tree: Tree, sign: int = 1) -> list[tuple[int, Tree]]:
    """The terms of a sum, with their signs."""
    match tree:
        case Negative(operand):
            return _terms(operand, -sign)
        case Binary("+" | "-" as operator, left, right):
            return [*_terms(left, sign), *_terms(right, sign if operator == "+" else -sign)]
    return [(sign, tree)]


def _rational(tree: Tree) -> Fraction | None:
    """The value of a tree of plain numbers, such as -2 or 1/3."""
    match tree:
        case Number(value):
            return _fraction(value)
        case Negative(operand):
            known = _rational(operand)
            return None if known is None else -known
        case Binary("/", left, right):
            above, below = _rational(left), _rational(right)
            return above / below if above is not None and below else None
    return None


def _fraction(value: float) -> Fraction:
    """The number that a person sees written: a tenth for 0.1."""
    return Fraction(repr(value))


def _written(number: Fraction) -> tuple[Number, Number]:
    """A number > 0 as what is multiplied by and what is divided by: a decimal where it is short, else a fraction."""
    decimal = float(number)
    if number.numerator == 1 and number.denominator in (2, 3):
        return ONE, Number(float(number.denominator))
    if _fraction(decimal) == number or max(number.numerator, number.denominator) > 2**53:
        return Number(decimal), ONE
    return Number(float(number.numerator)), Number(float(number.denominator))
