"""Billing under torture: runners that die anywhere, and the proof that nothing was done twice.

`./kontor torture --seed N` is the long form; tests/walks/test_exactly_once.py keeps a small one.
"""
