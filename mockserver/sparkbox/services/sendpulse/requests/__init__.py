"""Reading requests: encodings, types of fields, paging."""
