"""Tools of those who look after the register's files; they need neither a node nor a database."""
