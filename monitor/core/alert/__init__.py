"""From a story's change to words for a desk: policy, severity, message."""
