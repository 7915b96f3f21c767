"""The configuration: the report's experiment by default, validated, and the same after JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.formulas import HOSTILE, assert_one_line, trees
from tests.support.typed import config_from_text
from tui_runge.core.config import HYPERPARAMETERS, OF_FUNCTIONS, TARGET_NAMES, Config
from tui_runge.core.formula import Tree, parse, show
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.problems import check_problem

REPORT = {
    "target": "runge",
    "train_points": 256,
    "validation_points": 128,
    "hidden": [64, 64],
    "activation": "tanh",
    "optimizer": "adam",
    "learning_rate": 0.001,
    "epochs": 1200,
    "function_weight": 1.0,
    "derivative_weight": 1.0,
    "seed": 112652010,
    "evaluation_points": 500,
}


def test_the_defaults_are_the_reports_experiment() -> None:
    values = Config().to_json()
    assert {name: values[name] for name in REPORT} == REPORT
    assert Config.from_json(REPORT) == Config()


@given(
    hidden=st.lists(st.integers(1, 4096), min_size=1, max_size=8),
    rate=st.floats(1e-12, 1e12),
    seed=st.integers(0, 2**63 - 1),
)
def test_json_gives_the_same_configuration_back(hidden: list[int], rate: float, seed: int) -> None:
    config = Config(hidden=tuple(hidden), learning_rate=rate, seed=seed)
    assert Config.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_texts_are_read_by_field_name() -> None:
    assert config_from_text({"hidden": "8,4", "learning_rate": "1e-2"}) == Config(hidden=(8, 4), learning_rate=0.01)


def test_a_bad_value_names_the_field_the_rule_and_the_value() -> None:
    with pytest.raises(ValueError, match=r"^learning_rate must be > 0, got -1$"):
        Config(learning_rate=-1)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown hyperparameter 'momentum': must be one of target, "):
        Config.from_json({"momentum": 0.9})


def test_something_must_be_fitted() -> None:
    with pytest.raises(ValueError, match="function_weight and derivative_weight must not both be 0"):
        Config(function_weight=0, derivative_weight=0)


def test_whole_numbers_become_real_where_the_field_is() -> None:
    weight = Config(function_weight=2).function_weight
    assert (weight, type(weight)) == (2.0, float)


SLOPELESS = Config(data="points", points=MeasuredPoints.of([0, 1], [2, 3]))


@pytest.mark.parametrize(
    ("config", "idle"),
    [
        (Config(), {"validation_fraction": "a function is fitted"}),
        (
            Config(optimizer="lm"),
            {
                "validation_fraction": "a function is fitted",
                "learning_rate": "lm finds its own step",
                "schedule": "lm finds its own step",
                "batch_size": "lm takes all points at once",
            },
        ),
        (SLOPELESS, {**dict.fromkeys(OF_FUNCTIONS, "data is fitted"), "derivative_weight": "no slopes were measured"}),
        (
            Config(data="points", points=MeasuredPoints.of([0, 1], [2, 3], [4, 5], held_out=[True, False])),
            {
                **dict.fromkeys(OF_FUNCTIONS, "data is fitted"),
                "validation_fraction": "the data says which points are held out",
            },
        ),
    ],
    ids=["default", "lm", "without slopes", "with parts"],
)
def test_a_hyperparameter_without_effect_says_why(config: Config, idle: dict[str, str]) -> None:
    assert config.idle == idle


def test_the_derivative_has_a_weight_again_once_slopes_are_known() -> None:
    assert SLOPELESS.derivative_weight == 0
    assert SLOPELESS.with_values(data="").derivative_weight == 1
    assert SLOPELESS.with_values(data="", derivative_weight=3.0).derivative_weight == 3
    assert SLOPELESS.with_values(epochs=7).derivative_weight == 0


def test_no_two_knobs_share_a_key() -> None:
    keys = [step.key for parameter in HYPERPARAMETERS.values() for step in parameter.own_key_steps]
    assert len(set(keys)) == len(keys)


def test_a_flag_is_the_name_in_kebab_case() -> None:
    assert HYPERPARAMETERS["learning_rate"].flag == "--learning-rate"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_target_or_interval_is_refused_in_one_line(text: str) -> None:
    for name, value in (("target", text), ("interval", text), ("interval", f"{text},1")):
        try:
            Config.from_json({name: value})
        except ValueError as error:
            assert_one_line(error, most=400)
        else:
            assert value.strip() in ("", "+" * 499 + "x")


@given(text=st.text("0123456789.x+-*/^() sincoexp,pi²", max_size=30) | st.text(max_size=30))
def test_a_target_of_any_text_is_a_config_or_one_line(text: str) -> None:
    try:
        config = Config(target=text)
    except ValueError as error:
        assert_one_line(error, most=400)
    else:
        assert config.target in TARGET_NAMES or show(parse(config.target)) == config.target
        assert Config.from_json(json.loads(json.dumps(config.to_json()))) == config


@given(tree=trees(), interval=st.sampled_from(("", "-2,2", "0,1", "-1e6,1e6")))
def test_a_formula_can_be_fitted_or_one_line_says_why_not(tree: Tree, interval: str) -> None:
    try:
        check_problem(Config(target=show(tree), interval=interval, train_points=9))
    except ValueError as error:
        assert_one_line(error, most=400)
