"""The report as a PDF: of every kind of run, whole, and with the letters f̂ and f′ as they should look."""

import io
import re
from pathlib import Path

import pytest
from matplotlib import get_data_path
from PIL import Image

from tests.export.test_report import SETTING_TYPES, WHOLE
from tests.support.canned import copper_progress
from tui_runge.core.progress import Progress
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.figures import FIGURES
from tui_runge.export.formats import is_ours
from tui_runge.export.formats.pdf import HAT, pdf, put_hat_on_f
from tui_runge.export.layout import REPORT_PDF
from tui_runge.export.report import markdown


def figure() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 42), "white").save(file, "PNG")
    return file.getvalue()


FIGURE = dict.fromkeys(FIGURES, figure())


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", content))


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow if n else ()) for n, kind in enumerate(SETTING_TYPES)]
)
def test_every_kind_of_run_has_pages(kind: str) -> None:
    run = SETTING_TYPES[kind]
    content = pdf(markdown(run, list(FIGURES), lists_files=False), FIGURE, run.run)
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Subtype /Image") == 1  # the same one, six times
    assert 2 <= pages(content) <= 4
    assert b"/Lang (en)" in content


def test_a_long_command_and_a_name_in_another_script_have_their_lines(caplog: pytest.LogCaptureFixture) -> None:
    text = (
        "# \u6e2c\u5b9a\n\n```sh\n"
        + "x" * 1000
        + "\n```\n\n| a | b |\n| --- | --- |\n| **1** | `"
        + "y" * 300
        + "` |\n"
    )
    assert pages(pdf(text, {})) == 1
    assert not caplog.records


def test_a_block_that_no_report_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a report must not have a block of the kind blockquote"):
        pdf("> quoted\n", {})


@pytest.mark.parametrize("name", ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"])
def test_the_hat_stands_above_the_f(name: str) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(Path(get_data_path(), "fonts", "ttf", name)) as font:
        names, glyphs = font.getBestCmap(), font["glyf"]
        put_hat_on_f(font)
        f, hat = glyphs[names[ord("f")]], glyphs[names[ord(HAT)]]
        width = font["hmtx"][names[ord("f")]][0]
    assert hat.yMin > f.yMax
    assert width + (hat.xMin + hat.xMax) / 2 == pytest.approx((f.xMin + f.xMax) / 2, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("run", [WHOLE, copper_progress("finished")], ids=["a function", "points"])
def test_an_export_has_them_where_they_are_asked_for(run: Progress, tmp_path: Path) -> None:
    export(ExportRequest(run, formats=("pdf",)), tmp_path)
    assert pages((tmp_path / REPORT_PDF).read_bytes()) >= 2
    assert is_ours(tmp_path / REPORT_PDF)
    assert REPORT_PDF in (tmp_path / "report.md").read_text()
    export(ExportRequest(run), tmp_path)
    assert not (tmp_path / REPORT_PDF).exists()
