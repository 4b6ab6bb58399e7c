"""What was seen: evidence in, validated, versioned, never lost."""
