"""Short words to tell runs apart by."""

WORDS = """
acorn agate alder amber apple aspen basil beech birch bloom brook cedar chalk clay cliff cloud clover cobalt coral creek
crow daisy dawn delta dune dusk echo elder elm ember fern field finch fjord flint forest fox frost garnet glade gorge
granite grove gull harbor hawk hazel heath heron hill holly inlet iris iron island ivory ivy jade jasper juniper kelp
lagoon lake larch lark lily linden lotus maple marble marsh meadow mesa mint mist moss oak oasis olive onyx opal orchid
osprey otter owl peach pearl pebble pine plum pond poplar poppy prairie quartz quince rain raven reed ridge river robin
rose ruby rye sage sand shore silver slate snow spruce star stone storm swan swift teal thorn thyme tide topaz tulip
tundra umber vale violet walnut wave wheat willow wind wren yarrow yew zinc
""".split()  # noqa: SIM905 - a list would take a line for each
