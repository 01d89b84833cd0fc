"""`countersign-verify`: what an auditor runs on their own machine; it shares no code with the recorder beyond `tlog/`.

Python 3.9 and `cryptography` are all it needs. `build.py` makes one file of it and of `tlog/`.
"""
