"""Charts: what a chart shows (spec, builder, overlays), through which view, and how it becomes characters (renderer).

Plain values and functions that know no Textual class; only `renderer` knows plotext.
"""
