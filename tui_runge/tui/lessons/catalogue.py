"""The lessons, in the order they are read. Each claim is asserted by a test that trains the runs."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.presets import PRESETS
from tui_runge.problems import problem_of
from tui_runge.tui.lessons.lesson import Lesson, LessonRun, Outcome

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

Runs = Sequence["Progress"]
REPORT = LessonRun("the report's run", Config())
TIGHT = Config(hidden=(3,), optimizer="lm", epochs=400)
"""Three units, trained to the best that they can do: what is gained in f′ is lost in f."""
FEW_POINTS = 21


def _derivative_is_harder(runs: Runs) -> Outcome:
    import numpy as np

    (run,) = runs
    function, derivative = run.errors.mse_f, run.errors.mse_df
    ratio = derivative / function
    relative = ratio * float(np.mean(run.fit.f**2) / np.mean(run.fit.df**2))
    wave = 2 * math.pi / math.sqrt(ratio)
    return Outcome(
        f"MSE(f′) is {ratio:,.3g}x MSE(f), as of an error in waves {wave:.2g} long; relative to the mean squares of f′ "
        f"and f it is {relative:.3g}x.",
        ratio > 20 and relative > 3,
    )


def _weight_trades(runs: Runs) -> Outcome:
    tight, tight_sloped, roomy, roomy_sloped = (run.errors for run in runs)
    return Outcome(
        f"With slopes, in 3 units {_errors_changed(tight, tight_sloped)}; "
        f"in 64 + 64 units {_errors_changed(roomy, roomy_sloped)}.",
        tight_sloped.mse_df < tight.mse_df
        and tight_sloped.mse_f > tight.mse_f
        and roomy_sloped.mse_df < roomy.mse_df
        and roomy_sloped.mse_f < roomy.mse_f,
    )


def _chebyshev_cures_polynomials(runs: Runs) -> Outcome:
    uniform, chebyshev = (polynomial_error(run) for run in runs)
    networks = [run.errors.max_f for run in runs]
    return Outcome(
        f"Largest error in f through {FEW_POINTS} equally spaced points: polynomial {uniform:.3g}, network "
        f"{networks[0]:.2g}. On Chebyshev points: polynomial {chebyshev:.2g}, network {networks[1]:.2g}.",
        uniform > 10 and chebyshev < 0.1 and max(networks) < 0.1,
    )


def _low_frequencies_come_first(runs: Runs) -> Outcome:
    young, old = (missing_shares(run) for run in runs)
    return Outcome(
        f"After {runs[0].epoch} epochs the mean square of f̂ - f is {young[0]:.2g} of f's own where waves are slow "
        f"(x < 1), {young[1]:.2g} where they are fast; after {runs[1].epoch}, {old[0]:.2g} and {old[1]:.2g}.",
        young[0] < 0.5 * young[1] and young[1] > 0.5 and max(old) < 0.01,
    )


def _kinks_spoil_slopes(runs: Runs) -> Outcome:
    smooth, relu, kink = runs
    x, error = largest_slope_error(kink)
    return Outcome(
        f"With relu in place of tanh {changed('MSE(f)', smooth.errors.mse_f, relu.errors.mse_f)}, "
        f"{changed('MSE(f′)', smooth.errors.mse_df, relu.errors.mse_df)}. At the kink of |x| f̂′ is off by {error:.2g} "
        f"(x = {x:.2g}), with MSE(f) = {kink.errors.mse_f:.1e}.",
        relu.errors.mse_df > 100 * smooth.errors.mse_df and error > 0.5 and abs(x) < 0.05,
    )


def _precision_is_optimization(runs: Runs) -> Outcome:
    report, precise = (run.errors for run in runs)
    return Outcome(
        f"MSE(f) fell from {report.mse_f:.1e} to {precise.mse_f:.1e}, MSE(f′) from {report.mse_df:.1e} to "
        f"{precise.mse_df:.1e}: {math.log10(report.mse_f / precise.mse_f):.0f} and "
        f"{math.log10(report.mse_df / precise.mse_df):.0f} orders of magnitude.",
        precise.mse_f < 1e-20 and precise.mse_df < 1e-16,
    )


def changed(name: str, before: float, after: float) -> str:
    """How an error changed from one run to another, such as "MSE(f) fell by 4.1x"."""
    if after == before:
        return f"{name} stayed"
    way, ratio = ("fell", before / after) if after < before else ("rose", after / before)
    return f"{name} {way} by {ratio:,.1f}x" if ratio < 10 else f"{name} {way} by {ratio:,.0f}x"


def _errors_changed(before: Errors, after: Errors) -> str:
    return f"{changed('MSE(f′)', before.mse_df, after.mse_df)}, {changed('MSE(f)', before.mse_f, after.mse_f)}"


def polynomial_error(run: "Progress") -> float:
    """The largest error on the run's grid of the polynomial through its training points."""
    from numpy.polynomial import Chebyshev

    problem, fit = problem_of(run.config), run.fit
    points = problem.training
    polynomial = Chebyshev.fit(points.x, points.f, len(points.x) - 1, domain=list(problem.interval))
    return float(abs(polynomial(fit.x) - fit.f).max())


def missing_shares(run: "Progress") -> tuple[float, float]:
    """The mean square of f̂ - f relative to that of f, in the left and the right half of the interval."""
    import numpy as np

    fit = run.fit
    halves = np.array_split(np.stack([fit.f_hat - fit.f, fit.f]) ** 2, 2, axis=1)
    left, right = (float(missing.mean() / whole.mean()) for missing, whole in halves)
    return left, right


def largest_slope_error(run: "Progress") -> tuple[float, float]:
    """Where |f̂′ - f′| is largest on the run's grid, and how large."""
    errors = abs(run.fit.df_hat - run.fit.df)
    worst = int(errors.argmax())
    return float(run.fit.x[worst]), float(errors[worst])


LESSONS = (
    Lesson("derivative", (REPORT,), _derivative_is_harder),
    Lesson(
        "weight",
        (
            LessonRun("3 units, weight 0", TIGHT.with_values(derivative_weight=0)),
            LessonRun("3 units, weight 1", TIGHT),
            LessonRun("64 + 64 units, weight 0", Config(derivative_weight=0)),
            LessonRun("64 + 64 units, weight 1", Config()),
        ),
        _weight_trades,
    ),
    Lesson(
        "polynomial",
        tuple(
            LessonRun(f"{nodes} points", Config(train_points=FEW_POINTS, nodes=nodes))
            for nodes in ("uniform", "chebyshev")
        ),
        _chebyshev_cures_polynomials,
    ),
    Lesson(
        "frequency",
        tuple(LessonRun(f"{epochs} epochs", Config(target="chirp", epochs=epochs)) for epochs in (200, 1200)),
        _low_frequencies_come_first,
    ),
    Lesson(
        "kink",
        (
            REPORT,
            LessonRun("relu", Config(activation="relu")),
            LessonRun("tanh on |x|", Config(target="kink")),
        ),
        _kinks_spoil_slopes,
    ),
    Lesson(
        "precision",
        (REPORT, LessonRun("the preset precise", PRESETS["precise"].config())),
        _precision_is_optimization,
    ),
)
