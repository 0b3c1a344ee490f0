"""decisionlayer."""
