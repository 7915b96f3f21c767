"""The model as C99 that needs nothing but the C library: a header and a source."""

import re

from tui_runge.core.progress import Floats, Model, Progress
from tui_runge.core.text import utf8
from tui_runge.export.formats.provenance import float64_note, model_of, provenance

STEM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
FUNCTIONS = {
    "tanh": ("tanh(z)", "1 - s * s"),
    "sigmoid": ("(1 + tanh(z / 2)) / 2", "s * (1 - s)"),
    "sin": ("sin(z)", "cos(z)"),
    "silu": ("z * (1 + tanh(z / 2)) / 2", "(1 + tanh(z / 2)) / 2 * (1 + z - s)"),
    "gelu": ("z * (1 + erf(z / sqrt(2))) / 2", "(1 + erf(z / sqrt(2))) / 2 + z * exp(-z * z / 2) * 0.3989422804014327"),
    "softplus": ("fmax(z, 0) + log1p(exp(-fabs(z)))", "(1 + tanh(z / 2)) / 2"),
    "relu": ("fmax(z, 0)", "z > 0 ? 1 : 0"),
}
"""Each activation function s of z, and its derivative in z and s."""
HEADER = """\
{comment}
#ifndef {guard}
#define {guard}

#ifdef __cplusplus
extern "C" {{
#endif

/* f at x. */
double f(double x);

/* f at x, and its derivative there in *df. */
double f_and_df(double x, double *df);

#ifdef __cplusplus
}}
#endif

#endif
"""
SOURCE = """\
{comment}
#include "{stem}.h"

#include <math.h>

/* The layers, [weights | bias] row by row. */
{arrays}
/* z = weights h + bias and dz = weights dh. */
static void apply(const double *layer, int outputs, int inputs,
                  const double *h, const double *dh, double *z, double *dz)
{{
    int i, j;
    for (i = 0; i < outputs; i++) {{
        const double *row = layer + i * (inputs + 1);
        z[i] = 0;
        dz[i] = 0;
        for (j = 0; j < inputs; j++) {{
            z[i] += row[j] * h[j];
            dz[i] += row[j] * dh[j];
        }}
        z[i] += row[inputs];
    }}
}}

/* {activation} of z in h, and its derivative in x in dh. */
static void activate(int units, const double *at, const double *dz, double *h, double *dh)
{{
    int i;
    for (i = 0; i < units; i++) {{
        const double z = at[i], s = {value};
        h[i] = s;
        dh[i] = ({slope}) * dz[i];
    }}
}}

double f(double x)
{{
    double df;
    return f_and_df(x, &df);
}}

double f_and_df(double x, double *df)
{{
    const double at = (x - {x_center}) / {x_scale};
    double h[{width}], dh[{width}], z[{width}], dz[{width}], value = 0, derivative = 0;
{networks}
    *df = derivative * {df_scale};
    return value * {f_scale} + {f_center};
}}
"""


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The header and the source; raises ValueError for a stem that cannot stand in an #include."""
    if not STEM.fullmatch(stem):
        raise ValueError(f"the name of a C file must be letters, digits, _, - and dots, got {stem!r}")
    model = model_of(progress)
    check = [*float64_note(model), f"Check: cc -std=c99 -c {stem}.c, link with -lm, and compare with fit.csv."]
    comment = _comment(provenance(progress, check))
    value, slope = FUNCTIONS[model.activation]
    guard = "RUNGE_TUI_" + re.sub(r"\W", "_", stem.upper(), flags=re.ASCII) + "_H"
    source = SOURCE.format(
        comment=comment,
        stem=stem,
        arrays="".join(_array(name, layer) for name, layer in _layers(model)),
        activation=model.activation,
        value=value,
        slope=slope,
        width=max(len(layer) for stage in model.stages for layer in stage),
        networks="".join(_network(model, stage) for stage in range(len(model.stages))),
        df_scale=_literal(model.scaling.df_scale),
        **{name: _literal(number) for name, number in vars(model.scaling).items()},
    )
    header = HEADER.format(comment=comment, guard=guard)
    return {f"{stem}.h": utf8(header), f"{stem}.c": utf8(source)}


def _comment(lines: list[str]) -> str:
    """The lines as one comment, which nothing in them can end, and in which no compiler warns of anything."""
    harmless = (re.sub(r"([*/?])(?=[*/?])", r"\1 ", line) for line in lines)
    return "/*\n" + "".join(f" * {line}\n" for line in harmless) + " */"


def _literal(number: float) -> str:
    """A number exactly, so that it can stand behind a sign."""
    return f"({_hex(number)})"


def _hex(number: float) -> str:
    """A number exactly, without the zeros at its end."""
    return re.sub(r"\.?0*p", "p", float(number).hex())


def _layers(model: Model) -> list[tuple[str, Floats]]:
    """The layers with the names that they have in the source."""
    return [
        (_name(stage, number), layer)
        for stage, layers in enumerate(model.stages)
        for number, layer in enumerate(layers)
    ]


def _name(stage: int, layer: int) -> str:
    return f"network_{stage + 1}_layer_{layer + 1}"


def _array(name: str, layer: Floats) -> str:
    rows = "".join(f"    {', '.join(map(_hex, row))},\n" for row in layer.astype(float).tolist())
    return f"static const double {name}[{layer.size}] = {{\n{rows}}};\n"


def _network(model: Model, stage: int) -> str:
    """The statements that add one network to the sum."""
    lines = ["", "h[0] = at;", "dh[0] = 1;"]
    layers = model.stages[stage]
    for number, layer in enumerate(layers):
        outputs, inputs = layer.shape[0], layer.shape[1] - 1
        lines.append(f"apply({_name(stage, number)}, {outputs}, {inputs}, h, dh, z, dz);")
        if number + 1 < len(layers):
            lines.append(f"activate({outputs}, z, dz, h, dh);")
    scale = _literal(model.scales[stage])
    lines += [f"value += {scale} * z[0];", f"derivative += {scale} * dz[0];"]
    return "".join(f"    {line}\n" if line else "\n" for line in lines)
