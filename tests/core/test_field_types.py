"""Every hyperparameter's kind: what it accepts, how it is shown, read and stepped."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.config import HYPERPARAMETERS, RATE, WEIGHT, WEIGHT_OR_AUTO, Hyperparameter
from tui_runge.core.field_types import (
    AUTO,
    Choice,
    DataSource,
    FieldType,
    Function,
    Integer,
    IntervalText,
    Real,
    RealOrAuto,
    Sizes,
    Value,
    one_two_five,
)


def values(kind: FieldType) -> st.SearchStrategy[Value]:
    """Any value of a kind."""
    found: st.SearchStrategy[Any]
    match kind:
        case Real(above, at_least):
            low = above if above is not None else at_least
            found = st.floats(low, kind.below, exclude_min=above is not None, exclude_max=True)
        case RealOrAuto(real):
            found = st.just(AUTO) | values(real)
        case Integer(low, high):
            found = st.integers(low, high)
        case Choice(options):
            found = st.sampled_from(options)
        case Sizes(layers, units):
            found = st.lists(st.integers(1, units), min_size=1, max_size=layers).map(tuple)
        case Function(names):
            found = st.sampled_from(names) | st.sampled_from(("exp(-x**2)*sin(8*x)", "-x", "1/(1+25*x**2)"))
        case IntervalText():
            found = st.sampled_from(("", "-pi,pi", "0,1", "-2,2*pi"))
        case DataSource(examples):
            found = st.sampled_from(("", "-", "points.csv", *(f"example:{name}" for name in examples)))
        case _:
            raise AssertionError(f"no strategy for {kind}")
    return found


@pytest.mark.parametrize("parameter", HYPERPARAMETERS.values(), ids=lambda parameter: parameter.name)
@given(data=st.data())
def test_what_is_shown_reads_back_exactly(parameter: Hyperparameter, data: st.DataObject) -> None:
    value = data.draw(values(parameter.kind))
    assert parameter.kind.parse(parameter.name, parameter.kind.show(value)) == value


@pytest.mark.parametrize("parameter", HYPERPARAMETERS.values(), ids=lambda parameter: parameter.name)
@given(data=st.data())
def test_every_value_a_key_reaches_is_valid(parameter: Hyperparameter, data: st.DataObject) -> None:
    value = data.draw(values(parameter.kind))
    direction = data.draw(st.sampled_from((-1, 1)))
    for step in (parameter.kind.step, *(made.step for made in parameter.own_key_steps)):
        reached = step(value, direction)
        assert parameter.kind.check(parameter.name, reached) == reached


@given(value=st.floats(1e-12, 1e12))
def test_the_ladder_moves_and_comes_back(value: float) -> None:
    up, down = one_two_five(value, 1), one_two_five(value, -1)
    assert down < value < up
    assert one_two_five(one_two_five(up, -1), 1) == up


def test_a_learning_rate_walks_one_two_five() -> None:
    assert [RATE.step(rate, 1) for rate in (0.001, 0.002, 0.005)] == [0.002, 0.005, 0.01]


def test_a_weight_reaches_zero_and_leaves_it() -> None:
    assert WEIGHT.step(0.001, -1) == 0
    assert WEIGHT.step(0.0, -1) == 0
    assert WEIGHT.step(0.0, 1) == 0.001


def test_auto_lies_below_no_weight_at_all() -> None:
    assert WEIGHT_OR_AUTO.step(0.001, -1) == 0
    assert WEIGHT_OR_AUTO.step(0.0, -1) == AUTO == WEIGHT_OR_AUTO.step(AUTO, -1)
    assert WEIGHT_OR_AUTO.step(AUTO, 1) == 0


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("derivative_weight", "-1", "derivative_weight must be >= 0, got -1"),
        ("derivative_weight", "much", "derivative_weight must be a finite number >= 0, or auto, got 'much'"),
        ("learning_rate", "-1", "learning_rate must be > 0, got -1"),
        ("learning_rate", "nan", "learning_rate must be a finite number > 0, got nan"),
        ("learning_rate", "fast", "learning_rate must be a finite number > 0, got 'fast'"),
        ("function_weight", "-0.5", "function_weight must be >= 0, got -0.5"),
        ("epochs", "0", "epochs must be >= 1, got 0"),
        ("epochs", "1.5", "epochs must be a whole number from 1 to 1000000000, got '1.5'"),
        ("hidden", "64,x", "hidden must be 1 to 8 whole numbers from 1 to 4096, such as 64,64, got '64,x'"),
        ("hidden", "", "hidden must be 1 to 8 whole numbers from 1 to 4096, such as 64,64, got ''"),
        ("activation", "foo", "activation must be one of tanh, sigmoid, sin, silu, gelu, softplus, relu, got 'foo'"),
    ],
)
def test_a_bad_text_names_the_field_the_rule_and_the_value(name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=name) as error:
        HYPERPARAMETERS[name].kind.parse(name, text)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [True, None, math.inf, "1"])
def test_a_number_is_neither_true_nor_infinite_nor_text(value: object) -> None:
    for name in ("learning_rate", "epochs"):
        with pytest.raises(ValueError, match=f"{name} must be a"):
            HYPERPARAMETERS[name].kind.check(name, value)


TARGET, INTERVAL = HYPERPARAMETERS["target"].kind, HYPERPARAMETERS["interval"].kind


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("runge", "runge"),
        (" kink ", "kink"),
        ("exp(-x^2) sin(8x)", "exp(-x**2)*sin(8*x)"),
        ("−x²", "-x**2"),
        ("1 / (1 + 25x²)", "1/(1+25*x**2)"),
    ],
)
def test_a_target_is_a_name_or_a_formula_kept_in_one_spelling(text: str, kept: str) -> None:
    assert TARGET.parse("target", text) == TARGET.check("target", kept) == kept


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("rung", "; did you mean runge?"),
        ("wave-packet2", "; did you mean wave-packet?"),
        ("frobnicate", "; named are runge, two-scale, "),
        ("sin(x", "'(' is never closed at character 4 of 'sin(x': write ')' after it"),
        ("", "a value is missing at the end of '': write a number, x or a function there"),
    ],
)
def test_a_target_that_is_neither_says_what_was_meant(text: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"^target: ") as error:
        TARGET.parse("target", text)
    assert end in str(error.value)


def test_keys_go_round_the_names_and_from_a_formula_to_the_nearest_end() -> None:
    assert TARGET.step("boundary-layer", 1) == TARGET.step("x**2", 1) == "runge"
    assert TARGET.step("runge", -1) == TARGET.step("x**2", -1) == "boundary-layer"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("", ""), ("own", ""), (" -2, 2 ", "-2,2"), ("[0, 1]", "0,1"), ("-π,2pi", "-pi,2*pi"), ("-1e3,0.5", "-1000,0.5")],
)
def test_an_interval_is_kept_in_one_spelling(text: str, kept: str) -> None:
    assert INTERVAL.parse("interval", text) == INTERVAL.check("interval", kept) == kept


@pytest.mark.parametrize("text", ["2", "2,1", "1,1", "x,1", "0,1,2", "-1e9,1", ",", "0,1e-10", "9**9**9**9,1"])
def test_an_interval_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^interval: "):
        INTERVAL.parse("interval", text)
