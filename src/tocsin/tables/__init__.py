"""What is counted over periods: aggregated tables, published or sent, and the toxicology exchange.

``counting``   counts of a period from events and from counts that senders gave: pure
``cells``      observations of a table, and what of them is published: pure
``formats``    CSV, XLSX, SDMX-CSV and the data structure definition
"""
