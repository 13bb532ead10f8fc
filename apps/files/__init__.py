"""Files with rows: CSV and XLSX that people send us, and workbooks that we hand out."""
