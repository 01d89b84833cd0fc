"""The catalogue: drafts of micro-credentials, their versions, and the designs that were published."""
