"""What the law asks to be told, made from the record: notifications and packages with sources."""
