"""A page about the agent for people at its machine: read only, for this machine only, without a secret on it."""
