"""The web door: pages, charts and the visual language they share."""
