"""What goes in and comes out, documented field by field."""
