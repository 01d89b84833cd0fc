"""Co-design: consultations, comments, suggestions, dispositions, endorsements and the seal."""
