"""Forms of the pages: from what a person typed to the values a service takes."""
