"""What a sweep varies, and the plan that comes of it."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.parser import parse
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.run_start import New
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import shell_word
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import PLAN, SweepsDirectory
from tui_runge.sweeps.plan import SweepPlan, make_plan
from tui_runge.sweeps.variation import Variation

T = TypeVar("T")
NAME = "20261125-2010-amber"


def plan(*vary: str, base: Config | None = None, **options: Any) -> SweepPlan:
    return make_plan(NAME, base or Config(), [Variation.parse(text) for text in vary], **options)


def or_line(make: Callable[[], T]) -> T | str:
    """What is made, or why it cannot be."""
    try:
        return make()
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("derivative_weight=0.1,1,10", ("0.1", "1", "10")),
        ("derivative-weight= 1 , 1e1 ", ("1", "10")),
        ("--epochs=100,200", ("100", "200")),
        ("hidden=20,20:64,64:128", ("20,20", "64,64", "128")),
        ("interval=-1,1:-pi,pi", ("-1,1", "-pi,pi")),
        ("data=example:copper,example:atmosphere", ("example:copper", "example:atmosphere")),
        ("learning_rate=log:1e-4..1e-2:5", ("0.0001", "0.000316228", "0.001", "0.00316228", "0.01")),
        ("derivative_weight=log:0.1..10:3", ("0.1", "1", "10")),
        ("derivative_weight=auto,1", ("auto", "1")),
        ("noise=lin:0..0.5:3", ("0", "0.25", "0.5")),
        ("train_points=log:16..256:5", ("16", "32", "64", "128", "256")),
        ("epochs=lin:1..10:4", ("1", "4", "7", "10")),
        ("learning_rate=log:1e-4..1e-2", ()),
    ],
)
def test_values_are_a_list_or_a_range(text: str, values: tuple[str, ...]) -> None:
    assert Variation.parse(text).values == values


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hidden", r"^--vary must be NAME=V1,V2,\.\.\. or"),
        ("epochs=", r"^--vary must be NAME"),
        ("epoch=1,2", r"^--vary: unknown hyperparameter 'epoch': did you mean epochs\?$"),
        ("seed=1,2", r"^seed is not varied: give --seeds N, which begin at --seed$"),
        ("derivative_weight=1,-1", r"^derivative_weight must be >= 0, got -1$"),
        ("derivative_weight=1,1.0", r"^derivative_weight: each value must be given once, got 1 again$"),
        ("hidden=32,64", r"^hidden has one value, 32,64: separate several by colons, as in 32:64, or give --hidden$"),
        ("activation=log:1..2:3", r"^activation has no range"),
        ("epochs=lin:1..3:9", r"^epochs: 1\.\.3 has not 9 values: ask for at most 3$"),
        ("noise=log:0..1:3", r"^noise: a range spaced by a factor must begin above 0, got 0\.\.1: use lin:$"),
        ("noise=lin:1..0:3", r"^noise: a range must begin below its end, got 1\.\.0$"),
        ("noise=lin:0..1:1", r"^noise: the number of values must be >= 2, got 1$"),
        ("optimizer=adam,foo", r"^optimizer must be one of adam, .*, got 'foo'$"),
    ],
)
def test_what_cannot_be_varied_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        Variation.parse(text)


@settings(max_examples=60)
@given(
    st.one_of(
        st.text(),
        st.builds(
            "{}={}{}".format,
            st.sampled_from([*HYPERPARAMETERS]),
            st.sampled_from(["", "log:", "lin:"]),
            st.text("0123456789.,:-+e_ain∞", max_size=16),
        ),
    )
)
def test_any_text_is_values_or_one_line(text: str) -> None:
    variation = or_line(lambda: Variation.parse(text))
    if isinstance(variation, Variation):
        kind = HYPERPARAMETERS[variation.name].kind
        assert [kind.show(kind.parse(variation.name, value)) for value in variation.values] == [*variation.values]
    else:
        assert "\n" not in variation


def test_every_combination_is_planned_with_every_seed() -> None:
    made = plan("derivative_weight=1,10", "hidden=20,20:64", base=Config(seed=7), seeds=3)
    assert made.varied == ("derivative_weight", "hidden")
    assert [run.seed for run in made.runs] == [7, 8, 9] * 4
    assert [run.setting for run in made.runs[::3]] == [
        (("derivative_weight", weight), ("hidden", hidden)) for weight in ("1", "10") for hidden in ("20,20", "64")
    ]
    assert [run.name for run in made.runs[:2]] == [f"{NAME}-0001", f"{NAME}-0002"]
    assert made.config(made.runs[-1]) == Config(derivative_weight=10, hidden=(64,), seed=9)


def test_zipped_values_go_together() -> None:
    made = plan("learning_rate=log:1e-3..1e-1:3", "epochs=100,200,300", zipped=True)
    assert [tuple(text for _, text in run.setting) for run in made.runs] == [
        ("0.001", "100"),
        ("0.01", "200"),
        ("0.1", "300"),
    ]
    assert made.log == ("learning_rate",)
    with pytest.raises(ValueError, match=r"^--zip needs as many values of each: epochs has 2, hidden has 3$"):
        plan("epochs=1,2", "hidden=1:2:3", zipped=True)


@pytest.mark.parametrize(
    ("vary", "base", "line"),
    [
        (["batch_size=0,16", "optimizer=adam,lm"], {}, "^batch_size=16, optimizer=lm: batch_size must be 0 with"),
        (["function_weight=0,1"], {"derivative_weight": 0.0}, "^function_weight=0: function_weight and"),
        (["target=runge,1/x"], {}, "^target=1/x: "),
        (["learning_rate=1,2"], {"optimizer": "lm"}, "^learning_rate has no effect here, so that it cannot be varied"),
        (["noise=0,1", "noise=2,3"], {}, "^noise must be varied once"),
        (["data=points.csv,example:copper"], {}, "^data can be varied over example:NAME and run:NAME, got points.csv$"),
        (["learning_rate=log:1..2"], {}, "^learning_rate: a range needs a number of values"),
        (["epochs=lin:1..1000:1000", "train_points=lin:1..1000:1000"], {}, "^a sweep must have at most 100000 runs, g"),
        ([], {"seed": 2**63 - 1}, "^the last of the seeds must be <= 9223372036854775807, got"),
    ],
)
def test_a_setting_that_cannot_be_trained_is_named(vary: list[str], base: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        plan(*vary, base=Config(**base), seeds=2)


def test_the_command_of_a_run_trains_it_alone() -> None:
    base = Config(epochs=9, activation="sin", dtype="float64")
    made = plan("optimizer=adam,lm", "target=x sin(3x),steep", base=base, at=[ScheduledChange(3, "epochs", 12)])
    for run in made.runs:
        words = run.command.removeprefix("runge-tui ")
        invocation = Invocation.of(parse(shlex.split(words)))
        assert invocation.new_run() == New(made.config(run))
        assert invocation.arguments.at == ["3:epochs=12"]
        assert f"--out {shell_word(run.name)}" in words


def test_a_sweep_has_no_log_of_losses() -> None:
    assert Invocation.of(parse(["sweep", "--vary", "derivative_weight=1,2"])).open_log() is None


@pytest.fixture
def place(tmp_path: Path) -> SweepsDirectory:
    return SweepsDirectory(RunsDirectory(tmp_path / "runs"))


def test_a_plan_is_read_back_with_its_points(place: SweepsDirectory) -> None:
    x = np.linspace(0, 1, 9)
    base = Config(data="own.csv", points=MeasuredPoints.of(x, x**2, name="own.csv"), hidden=(4,))
    made = plan("smoothing=log:1e-9..1e-7:3", base=base, seeds=2, folder=str(place.folder(NAME)))
    place.write(made)
    assert place.read(NAME) == made
    assert place.names() == [NAME]
    assert place.find("amber") == place.find() == NAME
    assert f"--data {place.folder(NAME)}/points.csv" in made.runs[0].command
    (place.folder(NAME) / "points.csv").write_text("x,f\n0,0\n1,1\n")
    with pytest.raises(ValueError, match=rf"^sweep {NAME}: points.csv was changed after the sweep was planned"):
        place.read(NAME)


def test_no_sweep_and_another_are_one_line(place: SweepsDirectory) -> None:
    with pytest.raises(ValueError, match=r"^there are no sweeps in "):
        place.find("amber")
    place.write(plan("epochs=1,2"))
    with pytest.raises(ValueError, match=r"^there is no sweep 'ambre'"):
        place.find("ambre")


def test_a_plan_names_no_runs_of_others(place: SweepsDirectory) -> None:
    place.write(plan("epochs=1,2"))
    file = place.folder(NAME) / PLAN
    file.write_text(file.read_text().replace(f"{NAME}-0001", "20261125-2010-birch"))
    with pytest.raises(ValueError, match=rf"^sweep {NAME}: the names of all runs must begin with {NAME}-$"):
        place.read(NAME)


def test_a_plan_has_runs_unless_a_search_makes_them() -> None:
    values = plan("epochs=1,2").to_json() | {"runs": []}
    with pytest.raises(ValueError, match=r"^runs must be at least one, got none$"):
        SweepPlan.from_json(values)
    search = {"points": 2, "minimise": "mse_f", "seeds": 2, "vary": ["epochs=1,2"]}
    assert SweepPlan.from_json(values | {"search": search}).size == 4


HOSTILE: list[Any] = [None, True, -1, 1e300, "", "../x", "\x1b[2J", [], {}, ["epochs"], {"epochs": "9"}, [[]], [None]]


@settings(max_examples=60)
@given(st.data())
def test_a_hostile_plan_is_read_or_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    values: Any = json.loads(json.dumps({"version": 1, **plan("epochs=1,2", seeds=2).to_json()}))
    values["search"] = {"points": 2, "minimise": "mse_f", "seeds": 2, "vary": ["epochs=1,2"]}
    part: Any = data.draw(st.sampled_from([values, values["runs"][1], values["search"], values["config"]]))
    key = data.draw(st.sampled_from([*part]))
    part[key] = data.draw(st.sampled_from(HOSTILE))
    place = SweepsDirectory(RunsDirectory(tmp_path_factory.getbasetemp()))
    place.folder(NAME).mkdir(parents=True, exist_ok=True)
    (place.folder(NAME) / PLAN).write_text(json.dumps(values))
    read = or_line(lambda: place.read(NAME))
    assert read.isprintable() if isinstance(read, str) else read.name == NAME
