"""The HTTP door, the same for every service: who asks, may they, once, in their language."""
