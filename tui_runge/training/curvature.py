"""Values, first and second derivatives carried together through a network's layers, and the gradient back, by hand.

As in `tangents`, one order higher: h'' goes through a layer as h' does, z'' = W h'', and an activation function s
makes of it (s(z))'' = s''(z) z'^2 + s'(z) z''.
"""

import torch
from torch import Tensor

from tui_runge.training.activations import ACTIVATIONS, LayerActivations
from tui_runge.training.network import MLP, matrices


class Curvature:
    """f̂'' at points (n, 1), and the gradient of a function of f̂, f̂' and f̂'' there with respect to the weights.

    The columns are: values, first derivatives, second derivatives. The caller of the gradient fills `seeds` (3, n) with
    the function's derivatives with respect to each. `errors` then holds those with respect to each layer's z, z' and
    z'' (out, 3n); `inputs` are the layers' h, h' and h'' (in + 1, 3n). `x` (n,) may be overwritten with other points.
    """

    def __init__(self, network: MLP, x: Tensor) -> None:
        self._network, n = network, len(x)
        self.inputs = [x.new_zeros(matrix.shape[1], 3 * n) for matrix in network.matrices]
        for h in self.inputs:
            h[-1, :n] = 1
        self.x = self.inputs[0][0, :n]
        self.x.copy_(x[:, 0])
        self.inputs[0][0, n : 2 * n] = 1
        self._sums = [x.new_empty(len(matrix), 3 * n) for matrix in network.matrices]
        self.errors = [torch.empty_like(z) for z in self._sums]
        self.gradient = torch.empty_like(network.flat)
        self._gradients = matrices(self.gradient, [(len(matrix), matrix.shape[1]) for matrix in network.matrices])
        self._weights = [matrix[:, :-1].t() for matrix in network.matrices]
        self._activation = ACTIVATIONS[network.activation]
        self._blocks = [error.view(-1, 3, n) for error in self.errors]
        self.seeds = self._blocks[-1][0]
        self._layers = [_Layer(z, h) for z, h in zip(self._sums, self.inputs[1:], strict=False)]
        self._second_derivative = self._sums[-1][0, 2 * n :, None]

    def second_derivative(self) -> Tensor:
        """f̂'' (n, 1) at the network's present weights; a buffer that the next call overwrites."""
        for layer, (matrix, h, z) in enumerate(zip(self._network.matrices, self.inputs, self._sums, strict=True)):
            torch.mm(matrix, h, out=z)
            if layer < len(self._layers):
                self._activate(self._layers[layer])
        return self._second_derivative

    def _activate(self, layer: "_Layer") -> None:
        first, second = layer.first, layer.second
        self._activation.value(first.z, first.s, first.slope)
        torch.mul(first.slope, first.tangent, out=first.s_tangent)
        torch.mul(second.slope, second.tangent, out=second.s_tangent)
        self._activation.second_derivative_term(first, layer.bend)
        torch.addcmul(second.s_tangent, layer.bend, first.tangent, out=layer.s_second)

    def __call__(self) -> Tensor:
        """The gradient (p,) for `seeds` at the weights of the last `second_derivative`; a buffer as well."""
        for layer in reversed(range(len(self.errors))):
            torch.mm(self.errors[layer], self.inputs[layer].t(), out=self._gradients[layer])
            if layer:
                self._descend(layer - 1)
        return self.gradient

    def propagate(self) -> None:
        """Fill `errors` alone."""
        for layer in reversed(range(len(self._layers))):
            self._descend(layer)

    def _descend(self, number: int) -> None:
        """From the layer above, with g, g' and g'' the errors of s(z) and of its two derivatives.

        dL/dz'' = s' g'', dL/dz' = s' g' + 2 s'' z' g'' and dL/dz = s' g + s'' z' g' + (s''' z'^2 + s'' z'') g''.
        """
        layer, blocks = self._layers[number], self._blocks[number]
        torch.mm(self._weights[number + 1], self.errors[number + 1], out=self.errors[number])
        self._activation.third_derivative_term(layer.first, layer.twist)
        self._activation.second_derivative_term(layer.second, layer.term)
        layer.twist.mul_(layer.first.tangent).add_(layer.term).mul_(blocks[:, 2])
        layer.twist.addcmul_(layer.bend, blocks[:, 1])
        torch.mul(layer.bend, blocks[:, 2], out=layer.term)
        blocks.mul_(layer.first.slope[:, None])
        blocks[:, 0].add_(layer.twist)
        blocks[:, 1].add_(layer.term, alpha=2)


class _Layer:
    """A hidden layer of sums z (out, 3n), whose activations are written into h (out + 1, 3n).

    `first` has z' for its tangent and `second` z'', whose `s_tangent` is s' z'' alone. `bend` is s'' z'; `twist` and
    `term` are for what is computed on the way. All are (out, n).
    """

    def __init__(self, z: Tensor, h: Tensor) -> None:
        values, firsts, seconds = z.tensor_split(3, dim=1)
        s, s_first, self.s_second = h[:-1].tensor_split(3, dim=1)
        slope, s_second_part, self.bend, self.twist, self.term = (z.new_empty(values.shape) for _ in range(5))
        self.first = LayerActivations(values, firsts, s, s_first, slope)
        self.second = LayerActivations(values, seconds, s, s_second_part, slope)


def curvature(network: MLP, x: Tensor) -> Tensor:
    """f̂''(x) (n, 1) at x (n, 1): the same as `second_derivative`, faster."""
    with torch.no_grad():
        return Curvature(network, x).second_derivative()
