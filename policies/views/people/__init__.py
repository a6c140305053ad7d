"""
Pages of somebody who is signed in or handed over: questions, answers, account, and what they get instead of the
product.
"""
