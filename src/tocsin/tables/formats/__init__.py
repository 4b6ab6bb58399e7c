"""Tables as files: plain CSV and XLSX, SDMX-CSV 2.0, and their structure in SDMX-ML 3.0."""
