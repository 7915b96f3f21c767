"""The charts of how a run trains: whether f and f′ pull together, and how large a step the loss bears.

NumPy is imported only while one is built.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_runge.core.config import OPTIMIZER_TRAITS
from tui_runge.tui.charts.epoch_axis import OverEpochs, marks
from tui_runge.tui.charts.spec import Curve, Plot, Role
from tui_runge.tui.charts.view import View

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.tui.charts.spec import Floats

NO_GRADIENTS = "no gradients were sampled"
NOT_MEASURED = "measured only while it is seen"
NO_ANGLE = "one gradient is 0: no angle"


def _x_of_epochs(progress: "Progress", epochs: "Floats", by_seconds: bool) -> "Floats":
    """Where epochs (k,) stand on the x axis."""
    if not by_seconds or not progress.times.size:
        return epochs
    import numpy as np

    return np.interp(epochs, progress.curves.epochs, progress.times)


def _sampled_line(progress: "Progress", values: "Floats", by_seconds: bool) -> "tuple[Floats, Floats] | None":
    """What was sampled with the gradients, over the epochs or seconds; None where none were."""
    epochs = progress.gradients.epochs
    return (_x_of_epochs(progress, epochs, by_seconds), values) if epochs.size else None


def _when(progress: "Progress", epoch: float) -> str:
    """An epoch and the seconds of training there, as a reading begins."""
    import numpy as np

    if not progress.times.size:
        return f"epoch {epoch:.0f}"
    return f"epoch {epoch:.0f}   {float(np.interp(epoch, progress.curves.epochs, progress.times)):.2f} s"


@dataclass(frozen=True)
class GradientChart(OverEpochs):
    """The norms of the gradients, in the weights, of the two weighted losses, over the epochs that were sampled."""

    by_epoch: bool = True
    needs_model: bool = False
    keys: tuple[str, ...] = ("scale", "time_axis")
    name: str = "gradient norms"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The sampled epochs, or the seconds of training there."""
        return _x_of_epochs(progress, progress.gradients.epochs, by_seconds)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """Both norms as lines."""
        x, samples = self.x(progress, by_seconds), progress.gradients
        norms: tuple[tuple[str, Role, Floats], ...] = (
            ("f", "model", samples.function),
            ("f′", "target", samples.derivative),
        )
        return Plot(
            title="",
            curves=tuple(Curve(label, role, x, norm, norm) for label, role, norm in norms if norm.any()),
            x_label="seconds" if by_seconds else "epoch",
            log=view.log,
            marks=marks(progress, by_seconds),
            note=NO_GRADIENTS,
        )

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """The norm of the function's gradient."""
        del now, log
        return _sampled_line(progress, progress.gradients.function, by_seconds)

    def reading(self, progress: "Progress", at: int) -> str:
        """Both norms, that of their sum, and the cosine."""
        _, f, df, cosine = progress.gradients.rows[at].tolist()
        whole = f"   both {math.sqrt(max(0.0, f * f + df * df + 2 * f * df * cosine)):.2e}" if f * df > 0 else ""
        epoch = float(progress.gradients.epochs[at])
        return f"{_when(progress, epoch)}   gradient of f {f:.2e}   of f′ {df:.2e}{whole}"


@dataclass(frozen=True)
class AngleChart(OverEpochs):
    """The cosine of the angle between those gradients: below 0, f and f′ pull the weights apart."""

    by_epoch: bool = True
    needs_model: bool = False
    keys: tuple[str, ...] = ("time_axis",)
    name: str = "gradient cosine"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The sampled epochs, or the seconds of training there."""
        return _x_of_epochs(progress, progress.gradients.epochs, by_seconds)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The cosine as a line, on an axis from -1 to 1."""
        del view
        x, cosine = self.x(progress, by_seconds), progress.gradients.cosine
        return Plot(
            title="",
            curves=(Curve("cos", "train", x, cosine, cosine),),
            x_label="seconds" if by_seconds else "epoch",
            marks=marks(progress, by_seconds),
            level=0.0,
            holds=(-1.0, 1.0),
            note=NO_ANGLE if x.size else NO_GRADIENTS,
        )

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """The cosine."""
        del now, log
        return _sampled_line(progress, progress.gradients.cosine, by_seconds)

    def reading(self, progress: "Progress", at: int) -> str:
        """The cosine, its angle, and what that means."""
        samples = progress.gradients
        cosine, epoch = float(samples.cosine[at]), float(samples.epochs[at])
        if math.isnan(cosine):
            return f"{_when(progress, epoch)}   {NO_ANGLE}"
        pull = "against each other" if cosine < 0 else "together"
        return f"{_when(progress, epoch)}   cos {cosine:+.3f}   {math.degrees(math.acos(cosine)):.0f}°   pull {pull}"


@dataclass(frozen=True)
class SharpnessChart(OverEpochs):
    """The largest eigenvalue of the training loss's Hessian, and the one from which the steps become unstable.

    It takes many gradients, so it is measured only while it is seen, and not kept.
    """

    by_epoch: bool = True
    needs_model: bool = False
    keys: tuple[str, ...] = ("scale", "time_axis")
    name: str = "sharpness"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The epochs after which it was measured, or the seconds of training there."""
        return _x_of_epochs(progress, progress.sharpness[:, 0], by_seconds)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The sharpness as points over the limit that the learning rate sets, where there is one.

        They meet, which a linear axis shows best: it is the one to begin with, and a logarithmic one the other choice.
        """
        import numpy as np

        x, sharpness, rate = self.x(progress, by_seconds), progress.sharpness[:, 1], progress.sharpness[:, 2]
        curves = [Curve("sharpness", "model", x, sharpness, sharpness, points=True)]
        if x.size and (rate > 0).all():
            limit, places = limit_times_rate(progress.config.optimizer) / rate, x
            if (rate == rate[0]).all() and progress.config.schedule == "constant":  # it is known where none was taken
                places, limit = np.array(self.x_limits(progress, by_seconds)), limit[[0, 0]]
            label = f"{limit_times_rate(progress.config.optimizer):g}/rate"
            curves.insert(0, Curve(label, "target", places, limit, limit))
        return Plot(
            title="",
            curves=tuple(curves),
            x_label="seconds" if by_seconds else "epoch",
            log=not view.log,
            marks=marks(progress, by_seconds),
            holds=(0.0,),
            note=NOT_MEASURED,
        )

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """The sharpness, as far as that run was looked at."""
        del now, log
        if not progress.sharpness.size:
            return None
        return self.x(progress, by_seconds), progress.sharpness[:, 1]

    def reading(self, progress: "Progress", at: int) -> str:
        """The sharpness after an epoch, and the limit there."""
        epoch, sharpness, rate = progress.sharpness[at].tolist()
        factor = limit_times_rate(progress.config.optimizer)
        limit = f"   {factor:g}/rate {factor / rate:.4g}" if rate > 0 else ""
        return f"{_when(progress, epoch)}   sharpness {sharpness:.4g}{limit}"


def limit_times_rate(optimizer: str) -> float:
    """The sharpness from which gradient descent with the optimizer's momentum is unstable, times its rate.

    That is 2 (1 + momentum); of an optimizer that is not gradient descent, it is what that without momentum has.
    """
    return 2 * (1 + OPTIMIZER_TRAITS[optimizer].momentum)
