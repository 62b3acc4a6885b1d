"""When the steps run: the only place that knows the scheduler."""
