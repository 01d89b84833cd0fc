"""A witness of transparency logs (C2SP tlog-witness): run by somebody else than the log, tied to it by nothing."""
