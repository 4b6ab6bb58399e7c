"""The machine a node runs on: its folders and its database server. No Django, no models."""
