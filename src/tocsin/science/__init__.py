"""What can be checked against a paper: pure functions over plain values."""
