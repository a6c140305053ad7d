"""
What a policy text is: read it, render it, compare it, date it, and say what it promises. No Django here.
"""
