"""The screen: the only place that knows textual and plotext."""
