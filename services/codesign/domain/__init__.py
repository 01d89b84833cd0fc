"""The rules of co-design, by story, pure: a state and a wish become a fact, or a refusal that says what to do next.

Time and ids are arguments. Who may do what is asked of `services.codesign.policy` before a rule here is.
"""
