"""Settings, addresses of pages, and the entry for web servers."""
