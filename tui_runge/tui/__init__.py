"""The screen: the only folder that knows Textual and plotext. May import all but cli."""
