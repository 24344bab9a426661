"""The pure core: no Django, no network, no disk."""
