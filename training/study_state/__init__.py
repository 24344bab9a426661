"""The state of a study, read once a visit: what is ready, whose turn it is and what blocks."""
